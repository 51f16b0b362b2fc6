// Makes a fresh clone ready: checks Node, and installs the packages of package-lock.json where node_modules has others.
// Plain Node without dependencies, since nothing is installed yet. When all is well it only reads two files.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const [needMajor, needMinor] = [20, 19];

// Not "npm ci", which refuses a lock file that lacks an optional package of some platform, as ours does where the
// registry had none. This installs the locked versions just the same, and --no-save leaves the files as they are.
const args = ['install', '--no-save', '--no-audit', '--no-fund'];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < needMajor || (major === needMajor && minor < needMinor)) {
  fail(
    `deeptheory needs Node ${needMajor}.${needMinor} or later, this is Node ${process.versions.node}.\n` +
      'Install a newer one from https://nodejs.org or with your version manager, e.g. "nvm install 22".',
  );
}

if (!isInstalled()) install();

/** Whether node_modules holds what the lock file asks for. By content: a clone's file dates say nothing. */
function isInstalled() {
  const installed = packagesIn('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  const wanted = packagesIn('package-lock.json');
  if (wanted === undefined) return true;
  return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
    if (path === '') return true; // the project itself
    // npm leaves out what is optional or for other platforms.
    return installed[path] === undefined ? Boolean(optional || peer) : installed[path].version === version;
  });
}

function packagesIn(name) {
  const path = join(root, name);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined; // half written by an interrupted install
  }
}

function install() {
  console.error('Installing the packages that deeptheory needs; once, about a minute …');
  const result = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 2, 2], // stdout is for results
    shell: process.platform === 'win32', // npm is a script there
    // The runtime's own script fetches GPU libraries of hundreds of megabytes; the CPU's come with the package.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.error) fail(`npm could not be started (${result.error.message}); it comes with Node.`);
  if (result.status !== 0) {
    fail(`"npm ${args.join(' ')}" did not succeed (see above). It needs the network; run it again once that is there.`);
  }
  console.error('Installed.');
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

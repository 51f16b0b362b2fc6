/** The compiled program's dashboard in Chromium, while other processes of the program write their runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../../web/chromium.fixture.ts';
import { compileProgram, type Program } from '../cli/compiled.fixture.ts';
import { results } from './programs.fixture.ts';

describe.skipIf(!hasChromium)('the dashboard in Chromium', () => {
  let program: Program;
  let serving: ChildProcess;
  let browser: Browser;
  let url: string;
  const problems: string[] = [];

  beforeAll(async () => {
    program = compileProgram(results);
    expect((await program.run('run fake-decay steps=40 --quiet')).code).toBe(1);
    expect((await program.run('run fake-decay steps=40 rate=0.001 --quiet')).code).toBe(1);
    serving = spawn(process.execPath, [program.main, 'serve', '--port', '0', '--json', '--out', program.out]);
    url = await new Promise((resolve, reject) => {
      serving.stdout!.once('data', (part) => resolve(JSON.parse(String(part)).url));
      serving.once('close', (code) => reject(new Error(`it ended with ${code}`)));
    });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    serving?.kill('SIGKILL');
    program?.remove();
  });

  async function open(path = ''): Promise<Page> {
    const page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
        problems.push(`asked for ${request.url()}`);
    });
    await page.goto(new URL(path, url).href);
    return page;
  }

  it('lists runs, and keeps what is ticked and focused while it follows them', async () => {
    const page = await open();
    expect(await page.locator('.runs tbody tr').count()).toBe(2);
    await page.locator('.runs input').first().check();
    const ticked = await page.locator('.runs input').first().getAttribute('value');
    await page.locator('.runs a').last().focus();
    const focused = await page.locator('.runs a').last().getAttribute('href');
    const begun = program.run('run fake-slow steps=30 --quiet');
    await page.locator('.runs tbody tr').nth(2).waitFor();
    expect(await page.locator('.runs input:checked').getAttribute('value')).toBe(ticked);
    expect(await page.evaluate(() => document.activeElement!.getAttribute('href'))).toBe(focused);
    await begun;
    await page.close();
  });

  it('shows a run’s progress and curves move while it is written, and that it has ended', async () => {
    const ended = program.run('run fake-slow steps=300 rate=0.01 --quiet');
    const list = await open('?result=fake-slow');
    await list.locator('.badge.state-running').waitFor();
    await list
      .locator('tr', { has: list.locator('.state-running') })
      .locator('a')
      .click();
    await list.locator('.chart canvas').first().waitFor();
    const share = async () => Number.parseInt(await list.locator('#state .count').innerText(), 10);
    /** The last step that the curve has come to. */
    const reached = async () => (await list.locator('.chart-place').first().getAttribute('aria-label'))!;
    const picture = async () => (await list.locator('.chart canvas').first().screenshot()).toString('base64');
    const before = { share: await share(), reached: await reached(), picture: await picture() };
    await list.waitForFunction(
      (label) => document.querySelector('.chart-place')!.getAttribute('aria-label') !== label,
      before.reached,
    );
    await list.waitForFunction(
      (text) => Number.parseInt(document.querySelector('#state .count')?.textContent ?? '100', 10) > text,
      before.share,
    );
    expect(await picture()).not.toBe(before.picture);
    expect(await list.locator('.chart-title').allInnerTexts()).toEqual(['loss', 'gradient norm']);
    expect(await list.locator('.flagged').allInnerTexts()).toEqual(['', 'Not finite in first half: NaN at step 20.']);
    expect((await ended).code).toBe(3);
    await list.locator('.badge.state-finished').waitFor();
    await list.close();
  });

  it('changes a chart to a logarithmic scale and back by the keyboard', async () => {
    const page = await open('?result=fake-decay');
    await page.locator('.runs a').first().click();
    const button = page.locator('.scale-button').first();
    await button.waitFor();
    expect(await button.innerText()).toBe('linear scale');
    await button.press('Enter');
    expect(await button.innerText()).toBe('log scale');
    await button.press('Space');
    expect(await button.innerText()).toBe('linear scale');
    await page.close();
  });

  it('leads from a claim of the matrix to its measurement', async () => {
    const page = await open('claims');
    expect(await page.locator('.matrix tbody tr').count()).toBe(3);
    await page.locator('.chip', { hasText: 'D2' }).click();
    expect(new URL(page.url()).hash).toBe('#fake-decay-D2');
    expect(await page.locator(':target').innerText()).toContain('Spearman correlation of k and time');
    await page.close();
  });

  it('compares two runs', async () => {
    const page = await open('?result=fake-decay');
    for (const box of await page.locator('.runs input').all()) await box.check();
    await page.getByRole('button', { name: 'Compare' }).click();
    expect(await page.locator('tr.differs', { hasText: 'rate' }).innerText()).toMatch(/0\.001\s+0\.002/);
    await page.locator('.chart canvas').first().waitFor();
    expect(await page.locator('.chart .u-legend th').allInnerTexts()).toHaveLength(3); // the step, and a line per run
    await page.close();
  });

  it('opens a report, in which no script runs', async () => {
    const page = await open('?result=fake-decay');
    await page.locator('.runs a').first().click();
    await page.getByRole('link', { name: 'Open the report' }).click();
    expect(await page.locator('h1').innerText()).toBe('Low frequencies decay first, in a made-up model');
    expect(await page.locator('.figure svg').count()).toBeGreaterThan(2);
    expect(await page.evaluate(() => self.origin)).toBe('null');
    await page.close();
  });

  it.each(['', 'claims'])('needs no sideways scrolling on a telephone: /%s', async (path) => {
    const page = await open(path);
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await page.close();
  });

  it('has asked nobody else, and met no error', () => {
    expect(problems).toEqual([]);
  });

  it('says that a port is in use, and ends with 2', async () => {
    const { code, err } = await program.run(`serve --port ${new URL(url).port}`);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: port \d+ of 127\.0\.0\.1 is in use; choose another with --port N/);
  });

  it('ends at Ctrl-C, with a page still open, and frees its port', async () => {
    const page = await open();
    const code = await new Promise((resolve) => {
      serving.once('close', resolve);
      serving.kill('SIGINT');
    });
    expect(code).toBe(0);
    await page.locator('#connection', { hasText: 'No answer from deeptheory serve' }).waitFor();
    await page.close();
    const next = createServer();
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(Number(new URL(url).port), '127.0.0.1', resolve);
    });
    await new Promise((resolve) => next.close(resolve));
  });
});

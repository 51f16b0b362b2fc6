/** The dashboard on this machine's own addresses, which no other machine can reach. */
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { UserError } from '../array/errors.ts';

/** What the adapter hands on of Node's own request: the address as it was sent, before anything is made of it. */
export interface Bindings {
  readonly Bindings: { readonly incoming: IncomingMessage };
}

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Ends it, open connections included. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and, where the machine has it, on ::1. `makeApp` is told the port.
 * @param port 0: any that is free
 * @throws UserError where the port is taken, or may not be used
 */
export async function listen(makeApp: (port: number) => Hono<Bindings>, port: number): Promise<Listening> {
  let app: Hono<Bindings> | undefined;
  const serve = () => createAdaptorServer({ fetch: (request, bindings) => app!.fetch(request, bindings) }) as Server;
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(end));
  };
  try {
    const first = serve();
    await open(first, '127.0.0.1', port);
    servers.push(first);
    const taken = (first.address() as AddressInfo).port;
    app = makeApp(taken);
    const second = serve();
    if (await open(second, '::1', taken)) servers.push(second);
    return { port: taken, url: `http://127.0.0.1:${taken}/`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** False where the machine has no such address. */
function open(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      if (host === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code)) return resolve(false);
      const other = 'choose another with --port N, or --port 0 for any';
      if (code === 'EADDRINUSE') return reject(new UserError(`port ${port} of ${host} is in use; ${other}`));
      if (code === 'EACCES') return reject(new UserError(`port ${port} may not be used by this user; ${other}`));
      reject(error);
    });
    server.listen({ host, port, ipv6Only: host === '::1' }, () => resolve(true));
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

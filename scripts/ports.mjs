// Ports: is one free, and who would want it.
import { createServer } from 'node:net';

/** Fails with a sentence that names the port, its purpose and the variable that moves it. */
export class PortTakenError extends Error {
  constructor({ port, purpose, variable }) {
    super(
      `Port ${port} (${purpose}) is taken by another program. Stop that program or choose another port with ${variable}=….`,
    );
    this.name = 'PortTakenError';
    this.code = 'PortTaken';
  }
}

export async function assertFree(wanted, host) {
  for (const { port, purpose, variable } of wanted) {
    if (!(await isFree(port, host))) throw new PortTakenError({ port, purpose, variable });
  }
}

/** Browsers may ask for `localhost` at ::1 first, so a program there is in the way too. */
async function isFree(port, host) {
  const addresses = host === '127.0.0.1' ? [host, '::1'] : [host];
  for (const address of addresses) {
    if ((await listenOnce(port, address)) === 'EADDRINUSE') return false;
  }
  return true;
}

/** @returns the error code, or undefined when listening was possible */
function listenOnce(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve(error.code));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}

export function portFrom(variable, fallback) {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`${variable} must be a port from 1 to 65535, not "${text}".`);
  return port;
}

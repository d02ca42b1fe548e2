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

function isFree(port, host) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
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

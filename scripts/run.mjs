// Runs programs for the other scripts. Plain Node: nothing is installed yet when this is loaded.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Nothing that a script starts may phone home or ask questions. */
export const quietEnv = {
  CHECKPOINT_DISABLE: '1',
  DO_NOT_TRACK: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  npm_config_update_notifier: 'false',
};

/** Turborepo looks for pnpm on the PATH; a bare machine has only the one that the workspace installs. */
const path = [`${root}/node_modules/.bin`, process.env.PATH ?? ''].join(delimiter);

/** Runs a program to its end and resolves with its exit code; `onText` gets its output instead of the terminal. */
export function run(command, args, { cwd = root, env = {}, onText } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...quietEnv, PATH: path, ...env },
      stdio: ['ignore', onText ? 'pipe' : 'inherit', onText ? 'pipe' : 'inherit'],
    });
    child.stdout?.on('data', (chunk) => onText(chunk.toString()));
    child.stderr?.on('data', (chunk) => onText(chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}

/** Like `run`, but throws when the program fails. */
export async function must(what, command, args, options = {}) {
  let output = '';
  const code = await run(command, args, {
    ...options,
    ...(options.quiet
      ? {
          onText: (text) => {
            output += text;
          },
        }
      : {}),
  });
  if (code !== 0) throw new Error(`${what} failed (exit code ${code})${output ? `\n${output}` : ''}`);
}

/** The pinned pnpm, fetched by npx where it is not there. */
export const pnpm = ['npx', ['--yes', packageManager]];

/** A program that the workspace installed. */
export const bin = (name) => `${root}/node_modules/.bin/${name}`;

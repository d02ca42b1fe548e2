// npm run platform -- <command>: sets a platform up and looks after it, over its /management. `help` lists the commands.
//
// Exit codes: 0 done, 1 the platform refused or could not be reached, 2 not understood.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commands, usageOf } from './platformCommands.mjs';
import { root, run } from './run.mjs';

class UsageError extends Error {}
class FailedError extends Error {}

const common = {
  url: { type: 'string' },
  'token-file': { type: 'string' },
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};
const patienceMs = 60_000;

const restoreUsage = 'restore <backup> [--data-dir <folder>]';

const help = `Usage: npm run platform -- <command> [options]

${commands.map((command) => `  ${usageOf(command)}\n      ${command.does}`).join('\n')}
  ${restoreUsage}
      makes the data folder of a platform of a backup, which is a name as backup takes it, or a folder;
      the data folder must be empty
  help
      shows this

Several values of one option are separated by commas; --no-… says no.
Options of every command:
  --url <address>       the platform; default PLATFORM_URL, else what npm start runs here
  --token-file <file>   where the operator token is; default OPERATOR_TOKEN, else the data folder
  --data-dir <folder>   of npm start or of a platform; default DATA_DIR, else .data
  --json                the answer as it came, instead of a table`;

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
const sameAddress = (a, b) => a.replace(/\/+$/, '').toLowerCase() === b.replace(/\/+$/, '').toLowerCase();

/** What lies in a data folder: of `npm start`, or of a platform that was started by itself. */
function dataFolder(folder) {
  const stack = readIfThere(`${folder}/secrets.json`);
  const endpoints = readIfThere(`${folder}/endpoints.json`);
  return {
    token: stack === undefined ? readIfThere(`${folder}/operatorToken`)?.trim() : JSON.parse(stack).operatorToken,
    url: endpoints === undefined ? undefined : JSON.parse(endpoints).platformUrl,
  };
}

/** Which platform, and the token that opens it. A token from a data folder goes to the platform of this folder only. */
function connection(options) {
  const here = dataFolder(resolve(options['data-dir'] ?? (process.env.DATA_DIR || `${root}/.data`)));
  const named = options.url ?? (process.env.PLATFORM_URL || undefined);
  const url = named ?? here.url ?? 'http://localhost:3001';
  if (!URL.canParse(url)) throw new UsageError(`${url} is no address`);
  // DATA_DIR and PLATFORM_URL together are how a platform is started by itself; its folder does not say where it listens.
  const isOwn = options.url === undefined && process.env.DATA_DIR && here.url === undefined;
  const isHere =
    named === undefined || options['data-dir'] !== undefined || isOwn || (here.url && sameAddress(named, here.url));
  const file = options['token-file'];
  const token =
    file === undefined
      ? process.env.OPERATOR_TOKEN || (isHere ? here.token : undefined)
      : readFileSync(file, 'utf8').trim();
  if (!token)
    throw new UsageError('Which operator token? Set OPERATOR_TOKEN, or name it with --token-file or --data-dir.');
  return { url: url.replace(/\/+$/, ''), token };
}

async function send({ url, token }, method, path, body) {
  let answer;
  try {
    answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch (error) {
    throw new FailedError(`${url} does not answer: ${error.cause?.message ?? error.message}`);
  }
  const text = await answer.text();
  if (answer.ok) return text === '' ? undefined : JSON.parse(text);
  if (answer.status === 401) throw new FailedError(`${url} does not know this operator token (401)`);
  throw new FailedError(`${refusalOf(text)} (${answer.status})`);
}

function refusalOf(text) {
  try {
    const { message, code } = JSON.parse(text);
    return message ?? code;
  } catch {
    return 'The platform refused';
  }
}

/** The command that the words begin with, and its arguments by name. */
function commandOf(words) {
  const found = commands.find(({ name }) => name.split(' ').every((word, at) => words[at] === word));
  if (found === undefined) throw new UsageError(`There is no command "${words.join(' ')}"; help lists them.`);
  const given = words.slice(found.name.split(' ').length);
  const { args = [] } = found;
  if (given.length !== args.length) throw new UsageError(`Usage: npm run platform -- ${usageOf(found)}`);
  return { command: found, values: Object.fromEntries(args.map((arg, at) => [arg, given[at]])) };
}

const defined = (members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ''));

async function ask(where, command, values, options) {
  const [method, route] = command.route;
  const fill = (address) => address.replace(/:(\w+)/g, (_, name) => encodeURIComponent(values[name]));
  const path = fill(route);
  const query = defined({ ...command.query?.(options), ...(options.force ? { force: 'true' } : {}) });
  if (command.among !== undefined) {
    const [list, member, by, arg] = command.among;
    const known = await send(where, 'GET', fill(list));
    if (!known[member].some((one) => one[by] === values[arg]))
      throw new FailedError(`There is no ${values[arg]}; nothing is changed`);
  }
  const body =
    command.body &&
    Object.fromEntries(Object.entries(command.body(options, values)).filter(([, one]) => one !== undefined));
  const page = (more) => {
    const search = new URLSearchParams({ ...query, ...more }).toString();
    return send(where, method, search === '' ? path : `${path}?${search}`, body);
  };
  const answer = await page({});
  // A long list comes in pages.
  const [member] = Object.keys(command.shows ?? {});
  for (let next = answer?.next; next !== undefined; ) {
    const more = await page({ after: next });
    answer[member].push(...more[member]);
    next = more.next;
  }
  if (answer !== undefined) delete answer.next;
  return answer;
}

const cell = (value) => (Array.isArray(value) ? value.join(',') : String(value ?? '-')) || '-';

function table(columns, rows) {
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return lines
    .map((line) =>
      line
        .map((one, at) => one.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown({ shows }, answer) {
  if (answer === undefined) return 'done';
  if (shows === undefined)
    return Object.entries(answer)
      .map(([name, value]) => `${name.padEnd(24)}${cell(value)}`)
      .join('\n');
  const titled = Object.keys(shows).length > 1;
  return Object.entries(shows)
    .map(([member, columns]) => `${titled ? `${member}\n` : ''}${table(columns, answer[member])}`)
    .join('\n\n');
}

const listed = () =>
  commands.map(({ name, does, route: [method, path], ...command }) => ({
    command: name,
    usage: usageOf({ name, ...command }),
    does,
    route: `${method} ${path}`,
  }));

/** Ids may begin with a hyphen; they stand last, where they can be told from options. */
function withIdsLast(argv) {
  const isId = (word) => /^-[^-]./.test(word);
  return argv.includes('--') ? argv : [...argv.filter((word) => !isId(word)), '--', ...argv.filter(isId)];
}

/** Reads the words first: which options there are depends on the command. */
function read(argv) {
  const loose = parseArgs({
    args: argv,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    options: allOptions(),
  });
  const { positionals } = loose;
  if (loose.values.help || positionals.length === 0 || positionals[0] === 'help')
    return { isHelp: true, options: loose.values };
  const { command, values } = commandOf(positionals);
  const options = { ...common, ...command.options };
  return {
    command,
    values,
    options: parseArgs({ args: argv, allowPositionals: true, allowNegative: true, options }).values,
  };
}

const allOptions = () => Object.assign({}, common, ...commands.map(({ options = {} }) => options));

/** A backup by its folder, or by the name that it was made under. @throws FailedError that says where it was looked for */
function backupNamed(name, dataDir) {
  const platforms = [process.env.DATA_DIR, dataDir, `${root}/.data/platform`].filter(Boolean);
  const inside = [process.env.BACKUP_DIR, ...platforms.flatMap((one) => [`${one}/backups`, `${one}/platform/backups`])];
  const places = [name, ...inside.filter(Boolean).map((one) => `${one}/${name}`)].map((one) => resolve(one));
  const found = places.find((place) => existsSync(`${place}/backup.json`));
  if (found !== undefined) return found;
  throw new FailedError(`There is no complete backup in any of these:\n${[...new Set(places)].join('\n')}`);
}

/** Works on files, so it needs no platform, and none may be running on them. */
async function restore(argv) {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' } },
  });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new UsageError(`Usage: npm run platform -- ${restoreUsage}`);
  const dataDir = resolve(values['data-dir'] ?? (process.env.DATA_DIR || `${root}/.data/platform`));
  const script = `${root}/apps/platform/dist/data.mjs`;
  if (!existsSync(script)) throw new FailedError('The platform is not built: npm run build');
  return run(process.execPath, [script, 'restore', backupNamed(folder, dataDir), '--data-dir', dataDir]);
}

async function main(argv) {
  if (argv[0] === 'restore') {
    process.exitCode = await restore(argv.slice(1));
    return;
  }
  const { isHelp, command, values, options } = read(argv);
  if (isHelp) {
    console.log(options.json ? JSON.stringify(listed(), null, 2) : help);
    return;
  }
  const answer = await ask(connection(options), command, values, options);
  console.log(options.json ? JSON.stringify(answer ?? {}, null, 2) : shown(command, answer));
  if (command.failed?.(answer)) process.exitCode = 1;
}

try {
  await main(withIdsLast(process.argv.slice(2)));
} catch (error) {
  const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(error.message);
  process.exitCode = isUsage ? 2 : 1;
}

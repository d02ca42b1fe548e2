// The whole of Bridgedesk on this machine, from a bare clone to printed addresses.
//
//   1. ports      every port must be free before anything is done
//   2. install    only when the lockfile changed
//   3. build      only what changed
//   4. secrets    made at the first start, kept in the data folder
//   5. platform   started, then the demo is registered with it
//   6. web        the service application, the desk and the widget's files
//   7. site       an example customer's page on its own origin
//   8. endpoints  printed, and written to <data folder>/endpoints.json
//
// A program that dies is started again; Ctrl-C stops all of them.
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureBuilt, ensureGenerated } from './build.mjs';
import { application, helpdesk, people, registerDemo } from './demo.mjs';
import { ensureInstalled } from './install.mjs';
import { assertFree, portFrom } from './ports.mjs';
import { customerSite, platform, web, widgetBuild } from './programs.mjs';
import { quietEnv, root } from './run.mjs';
import { loadSecrets, writePrivate } from './secrets.mjs';
import { supervise } from './supervise.mjs';

const readyPatienceMs = 60_000;
const running = [];

function readSettings(watch) {
  const ports = {
    platform: portFrom('PLATFORM_PORT', 3001),
    web: portFrom('WEB_PORT', 3000),
    customerSite: portFrom('CUSTOMER_SITE_PORT', 3002),
  };
  return {
    watch,
    ports,
    host: process.env.HOST || '127.0.0.1',
    platformUrl: `http://localhost:${ports.platform}`,
    webUrl: `http://localhost:${ports.web}`,
    customerSiteUrl: `http://localhost:${ports.customerSite}`,
    dataDir: resolve(process.env.DATA_DIR || `${root}/.data`),
  };
}

async function untilReady(name, href) {
  const deadline = Date.now() + readyPatienceMs;
  for (;;) {
    const ready = await fetch(href, { signal: AbortSignal.timeout(10_000) }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline)
      throw new Error(`The ${name} did not answer at ${href} within ${readyPatienceMs / 1000} s.`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

function launcher({ dataDir, host, watch }) {
  const pids = {};
  return ({ name, cwd, command, args, env }) => {
    running.push(
      supervise({
        name,
        command,
        args,
        cwd: `${root}/${cwd}`,
        env: { ...process.env, ...quietEnv, NODE_ENV: watch ? 'development' : 'production', HOST: host, ...env },
        logFile: `${dataDir}/logs/${name}.log`,
        echo: watch,
        onPid: (pid) => {
          pids[name] = pid;
          writePrivate(`${dataDir}/processes.json`, { start: process.pid, ...pids });
        },
        onRestart: (text) => console.error(text),
      }),
    );
  };
}

/** What the web app needs to know of the demo, with the passwords of this data folder. */
function writeDemo({ dataDir, customerSiteUrl, webUrl }, secrets) {
  const withPasswords = people.map((person) => ({ ...person, password: secrets.passwords[person.email] }));
  writePrivate(`${dataDir}/demo.json`, {
    helpdesk: { ...helpdesk, allowedOrigins: [customerSiteUrl, webUrl] },
    people: withPasswords,
  });
  return withPasswords;
}

async function start(settings) {
  const began = Date.now();
  const { ports, host, platformUrl, webUrl, customerSiteUrl, dataDir, watch } = settings;
  await assertFree(
    [
      { port: ports.platform, purpose: 'the platform', variable: 'PLATFORM_PORT' },
      { port: ports.web, purpose: 'the web app', variable: 'WEB_PORT' },
      { port: ports.customerSite, purpose: "the example customer's page", variable: 'CUSTOMER_SITE_PORT' },
    ],
    host,
  );
  await ensureInstalled();
  await (watch ? ensureGenerated() : ensureBuilt());

  mkdirSync(`${dataDir}/logs`, { recursive: true, mode: 0o700 });
  const secrets = loadSecrets(
    dataDir,
    people.map((person) => person.email),
  );
  const signIns = writeDemo(settings, secrets);
  const launch = launcher(settings);

  launch(platform({ ...settings, secrets }));
  await untilReady('platform', `${platformUrl}/readyz`);
  await registerDemo({ platformUrl, webUrl, operatorToken: secrets.operatorToken, clientSecret: secrets.clientSecret });

  if (watch) launch(widgetBuild());
  launch(web({ ...settings, secrets }));
  launch(customerSite(settings));
  await untilReady('web app', `${webUrl}/api/health`);
  await untilReady("customer's page", customerSiteUrl);

  writePrivate(`${dataDir}/endpoints.json`, {
    platformUrl,
    webUrl,
    customerSiteUrl,
    helpdeskUri: helpdesk.uri,
    tokenUrl: `${webUrl}/api/helpdesk/token`,
    service: { clientId: application.clientId, clientSecret: secrets.clientSecret },
    people: signIns.map(({ email, password, sipUri, role }) => ({ email, password, sipUri, role })),
  });
  announce(settings, signIns, (Date.now() - began) / 1000);
}

function announce({ platformUrl, webUrl, customerSiteUrl, dataDir }, signIns, seconds) {
  console.log(`
Bridgedesk is running (ready in ${seconds.toFixed(1)} s).

  Customer's page   ${customerSiteUrl}    open it, ask something
  Agent desk        ${webUrl}    sign in, answer
  Platform          ${platformUrl}

  Sign-ins
${signIns.map(({ email, password, role }) => `    ${role.padEnd(11)}${email.padEnd(20)}${password}`).join('\n')}

  Addresses and sign-ins: ${dataDir}/endpoints.json
  Logs: ${dataDir}/logs
  Ctrl-C stops everything.
`);
}

/** Starts everything and stays until it is told to stop. */
export async function runStack({ watch }) {
  let stopping;
  let settings;
  // In reverse order: the pages first, the platform last.
  const stop = (exitCode) => {
    stopping ??= (async () => {
      for (const program of running) program.expectEnd();
      for (const program of [...running].reverse()) await program.stop();
      if (settings && running.length > 0) rmSync(`${settings.dataDir}/processes.json`, { force: true });
      process.exit(exitCode);
    })();
    return stopping;
  };
  process.on('SIGINT', () => stop(0));
  process.on('SIGTERM', () => stop(0));
  try {
    settings = readSettings(watch);
    await start(settings);
  } catch (error) {
    if (stopping) return;
    console.error(error.message);
    await stop(1);
  }
}

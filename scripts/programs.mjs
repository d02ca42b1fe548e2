// The programs that make up a running Bridgedesk, in production mode and in watch mode.
import { application, tenant } from './demo.mjs';
import { bin } from './run.mjs';

const node = process.execPath;

export function platform({ ports, platformUrl, dataDir, secrets, watch }) {
  return {
    name: 'platform',
    cwd: 'apps/platform',
    ...(watch
      ? { command: bin('tsx'), args: ['watch', '--clear-screen=false', 'src/server.ts'] }
      : { command: node, args: ['dist/server.mjs'] }),
    env: {
      PLATFORM_PORT: String(ports.platform),
      PLATFORM_URL: platformUrl,
      DATA_DIR: `${dataDir}/platform`,
      OPERATOR_TOKEN: secrets.operatorToken,
    },
  };
}

export function web({ ports, host, platformUrl, webUrl, dataDir, secrets, watch }) {
  return {
    name: 'web',
    cwd: 'apps/web',
    command: node,
    args: ['node_modules/next/dist/bin/next', watch ? 'dev' : 'start', '--port', String(ports.web), '--hostname', host],
    env: {
      DATA_DIR: `${dataDir}/web`,
      DEMO_FILE: `${dataDir}/demo.json`,
      NEXTAUTH_SECRET: secrets.nextAuthSecret,
      NEXTAUTH_URL: webUrl,
      // Next would exit at the first signal; the app closes its database first.
      NEXT_MANUAL_SIG_HANDLE: 'true',
      PLATFORM_URL: platformUrl,
      TENANT_DOMAIN: tenant.domain,
      SERVICE_CLIENT_ID: application.clientId,
      SERVICE_CLIENT_SECRET: secrets.clientSecret,
      CALLBACK_AUDIENCE: application.audience,
    },
  };
}

export function customerSite({ ports, platformUrl, webUrl, watch }) {
  return {
    name: 'customer-site',
    cwd: 'examples/customer-site',
    command: node,
    args: [...(watch ? ['--watch'] : []), 'server.mjs'],
    env: { CUSTOMER_SITE_PORT: String(ports.customerSite), WEB_URL: webUrl, PLATFORM_URL: platformUrl },
  };
}

/** Watch mode only: the widget's files are rebuilt as they change. */
export function widgetBuild() {
  return {
    name: 'widget',
    cwd: 'apps/widget',
    command: node,
    args: ['node_modules/vite/bin/vite.js', 'build', '--watch'],
    env: {},
  };
}

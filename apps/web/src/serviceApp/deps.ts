/** What the parts of the service application work with. Options come in here; nothing below reads the environment. */
import type { Database } from '@repo/db/client';
import type { Clock } from '@repo/ucwa-client/clock';
import type { Answer } from '@repo/ucwa-client/request';
import type { ServiceClient } from '@repo/ucwa-client/serviceClient';
import type { PlatformToken } from './platformToken.ts';

/** The part of pino that is used. Never give it a token, a secret or the text of a message. */
export interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface PlatformSettings {
  readonly platformUrl: string;
  readonly tenantDomain: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The platform, to this application. */
  readonly service: ServiceClient;
  readonly platformToken: PlatformToken;
  /** Reads an absolute href as this application. @throws ConnectionError, UcwaError, PlatformTokenError */
  readonly readResource: (href: string) => Promise<Answer>;
  /** Says that something was committed which the worker should look at. */
  readonly wake: () => void;
}

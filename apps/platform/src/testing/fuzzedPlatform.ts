/**
 * A platform that is sent anything by somebody whose token is good. Whatever it is: never a 5xx, never a crash, an answer in bounded
 * time, and a refusal in the words of reference/errors.md. The routes are those that are registered.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect } from 'vitest';
import type { RegisteredRoute } from '../registeredRoutes.ts';
import { addressOf, kindOf } from './addresses.ts';
import type { Call } from './injectedCall.ts';
import { operatorToken } from './testPlatform.ts';
import { type Answer, openTwoTenants, type TwoTenants } from './twoTenants.ts';

export const fuzzSettings = { interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true };
/** Milliseconds; generous, because the machine may be busy. */
const longest = 10_000;
/** A long poll is an answer that waits; it has a test of its own. */
const waits = /\/events$/;
/** What would end the call that the others are tried on; these have a test of their own. */
const ends = /\/(terminate|terminateOnlineMeeting|eject|decline|drain)$/;

/** Anew for every test of the file. */
class FuzzedPlatform {
  readonly two: TwoTenants;
  readonly call: Call;
  /** Neither those that wait nor those that end something. */
  readonly routes: readonly RegisteredRoute[];
  readonly ending: readonly RegisteredRoute[];
  /** How often each class of status was the answer. */
  readonly answered = new Map<number, number>();

  constructor(two: TwoTenants, call: Call) {
    this.two = two;
    this.call = call;
    const all = two.platform.app.registeredRoutes.filter(({ method }) => method !== 'OPTIONS');
    const isEnding = ({ url, method }: RegisteredRoute): boolean => ends.test(url) || method === 'DELETE';
    this.ending = all.filter(isEnding);
    this.routes = all.filter((route) => !waits.test(route.url) && !isEnding(route));
  }

  tokenFor(url: string): string {
    const { serviceToken: service, visitor, agent } = this.call;
    return { service, anonymous: visitor.token, agent: agent.token, nobody: operatorToken }[kindOf(url)];
  }

  href(url: string): string {
    return addressOf(url, this.call, this.call, true);
  }

  async send({ method, url }: RegisteredRoute, more: Parameters<TwoTenants['send']>[2], query = ''): Promise<Answer> {
    const what = `${method} ${url}`;
    const request = { token: this.tokenFor(url), ...more };
    const answer = await bounded(this.two.send(method, `${this.href(url)}${query}`, request), what);
    expectSane(answer, what);
    const kind = Math.floor(answer.status / 100);
    this.answered.set(kind, (this.answered.get(kind) ?? 0) + 1);
    return answer;
  }
}

/** @throws Error when nobody answers in time */
export async function bounded(answer: Promise<Answer>, what: string): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer to ${what}`)), longest);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** What every answer has to be. */
function expectSane(answer: Answer, what: string): void {
  expect(answer.status, `${what}: ${answer.body}`).toBeLessThan(500);
  expect(answer.headers['x-ms-correlation-id'], what).toMatch(/^\d+$/);
  if (answer.status < 400 || answer.status === 401 || what.includes('/oauth2/')) return;
  expect(JSON.parse(answer.body), what).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  expect(answer.body, what).not.toMatch(/at \w+ \(|node_modules|\.ts:\d+/);
}

/** @returns the platform of the test that runs, and arbitrary routes of it */
export function useFuzzedPlatform() {
  let platform: FuzzedPlatform | undefined;
  beforeEach(async () => {
    const two = await openTwoTenants();
    platform = new FuzzedPlatform(two, await two.bridge('contoso.com', 'fuzz'));
  });
  afterEach(() => platform?.two.platform.app.close());
  const current = (): FuzzedPlatform => {
    if (platform === undefined) throw new Error('the test has not begun');
    return platform;
  };
  const oneOf = (fits: (route: RegisteredRoute) => boolean): fc.Arbitrary<RegisteredRoute> =>
    fc.nat().map((number) => {
      const fitting = current().routes.filter(fits);
      return fitting[number % fitting.length] as RegisteredRoute;
    });
  return {
    platform: current,
    anyRoute: oneOf(() => true),
    writing: oneOf(({ method }) => method === 'POST' || method === 'PUT'),
  };
}

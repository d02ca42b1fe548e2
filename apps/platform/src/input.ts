/**
 * The inputs of a request. Names are matched without regard to case, unknown ones are ignored, null means missing, and an input
 * may come in the JSON body or in the query (reference/service-api.md 0, ucwa-api.md 0, client-expectations S26, W4).
 */
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { invalidParameters } from './errors.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the inputs that a schema names; the body wins over the query.
 * @throws RequestRefusedError 400 ParameterValidationFailure that names every offending input
 */
export function readInput<S extends z.ZodObject>(request: FastifyRequest, schema: S): z.output<S> {
  const body = isMembers(request.body) ? request.body : {};
  const members = { ...byName(request.query as Members), ...byName(body) };
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = members[name.toLowerCase()];
    if (value === undefined || value === null) continue;
    given[name] = name === '_links' && isMembers(value) ? byName(value) : value;
  }
  const problems: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (isBroken(value)) problems[name] = 'invalid';
  const result = schema.safeParse(given);
  if (result.success && Object.keys(problems).length === 0) return result.data;
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0] ?? 'body');
    problems[name] = name in given ? 'invalid' : 'missing';
  }
  throw invalidParameters(problems);
}

/** One query parameter by its name in any case; of a repeated one the last. */
export function queryValue(request: FastifyRequest, name: string): string | undefined {
  const value = byName(request.query as Members)[name.toLowerCase()];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : undefined;
}

/** One member of the JSON body by its name in any case, whatever its type. */
export function bodyMember(request: FastifyRequest, name: string): unknown {
  return isMembers(request.body) ? byName(request.body)[name.toLowerCase()] : undefined;
}

/** NUL and halves of surrogate pairs: no text, and more than one store and client of this text would stumble over it. */
export function isBrokenText(text: string): boolean {
  return /[\0\p{Surrogate}]/u.test(text);
}

function isBroken(value: unknown): boolean {
  if (typeof value === 'string') return isBrokenText(value);
  return isMembers(value) && Object.values(value).some(isBroken);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

function byName(members: Members): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    named[name.toLowerCase()] = value;
  }
  return named;
}

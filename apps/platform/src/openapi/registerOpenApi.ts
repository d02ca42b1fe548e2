/**
 * The description of the whole interface, OpenAPI 3.1, made of what the routes are described with (GET /openapi.json). It describes
 * and does nothing else: what comes in is read by `readInput`, and what goes out is written as the handlers return it.
 */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { jsonType } from '../answers.ts';
import { descriptionKey, headersOf, schemaOf } from './describe.ts';
import { descriptions } from './descriptions.ts';

const description = `The server side of the Trusted Application API and of UCWA messaging, with its management.

Names of inputs are matched without regard to case; unknown ones are ignored; an input may stand in the JSON body or in the query.
Resources are HAL: follow links by rel (docs/rels.md), do not build addresses. Errors have one body (docs/errors.md).
\`/ucwa/v1/…\` is read as \`/ucwa/oauth/v1/…\`, for clients that were made for the older address.`;

const bearer = (text: string) => ({ type: 'http', scheme: 'bearer', description: text }) as const;

/** What no description can say in another way: the input of a refinement, a number out of a text. */
const zodToJsonConfig = {
  unrepresentable: 'any',
  // A reader has to ignore what it does not know, so nobody may rely on there being no more.
  override: ({ jsonSchema }: { jsonSchema: JsonSchema }) => {
    if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    // The ends of what a number can say are no rule of anybody's.
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
} as const;

interface JsonSchema {
  additionalProperties?: unknown;
  minimum?: unknown;
  maximum?: unknown;
}

const toJsonSchemas = createJsonSchemaTransform({ zodToJsonConfig });

/** As schemas have no place for them, headers come after. */
const toDocument: typeof toJsonSchemas = (route) => {
  const { schema, url } = toJsonSchemas(route);
  const { response = {} } = schema as { response?: Readonly<Record<string, object>> };
  const answers = Object.entries(response).map(([status, answer]) => {
    const headers = headersOf(url, status);
    return [status, headers === undefined ? answer : { ...answer, headers }] as const;
  });
  return { url, schema: { ...schema, response: Object.fromEntries(answers) } };
};

/** Must be called before the first route is registered. @param publicUrl where clients reach this server */
export async function registerOpenApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  app.addHook('onRoute', (route) => {
    const method = [route.method].flat()[0] ?? 'GET';
    const described = descriptions[descriptionKey(method, route.url)];
    // Preflights and routes that only say 405 are no part of the interface.
    if (method === 'OPTIONS' || route.config?.isRefused === true) route.schema = { hide: true };
    else if (described !== undefined) route.schema = schemaOf(described, method, route.url);
  });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Bridgedesk platform', version: '1', description },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          serviceToken: bearer('Of a service application, from /oauth2/{tenant}/token'),
          visitorToken: bearer('`psat=…`, from anonApplicationTokens'),
          agentToken: bearer('Of a person, from /oauth2/{tenant}/token'),
          operatorToken: bearer('Made at the first start'),
        },
      },
    },
    transform: toDocument,
    transformObject: createJsonSchemaTransformObject({ zodToJsonConfig }),
  });
  let text: string | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    text ??= JSON.stringify(withoutTwins(app.swagger()));
    return reply.type(jsonType).send(text);
  });
}

/** Every answer is there a second time as an input, which none of them is. */
function withoutTwins(document: object): object {
  const { components } = document as { components: { schemas: Readonly<Record<string, object>> } };
  const { schemas } = components;
  const answers = Object.entries(schemas).filter(
    ([name]) => !(name.endsWith('Input') && name.slice(0, -'Input'.length) in schemas),
  );
  return { ...document, components: { ...components, schemas: Object.fromEntries(answers) } };
}

import { z } from 'zod';
import type { NodeContext } from '../model/node.js';
import { secretRef } from '../model/secret-ref.js';

const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** What the client writes by itself. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'keep-alive',
  'expect',
]);
/** Credentials belong into `auth`, the method into `method`. */
const NOT_BY_HAND: ReadonlySet<string> = new Set([
  ...OF_THE_CONNECTION,
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]);

/** Headers that a caller may set. */
export const headersSchema = z
  .record(z.string().regex(HEADER, 'is no name of a header'), z.string().max(8_192))
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      if (NOT_BY_HAND.has(name.toLowerCase())) {
        const message = 'is not set by hand: credentials are given by `auth`, which names a secret of nodes.secrets';
        context.addIssue({ code: 'custom', path: [name], message });
      }
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
        context.addIssue({ code: 'custom', path: [name], message: 'must not hold control characters' });
      }
    }
  })
  .default({})
  .describe('Headers of the request, without credentials.');

/** Who the request says it is, by names of secrets. */
export const authSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('bearer'), token_ref: secretRef('The secret that is the token.') }),
    z.strictObject({
      type: z.literal('basic'),
      username: z
        .string()
        .max(200)
        .regex(/^[^:]*$/, 'must not hold a colon'),
      password_ref: secretRef('The secret that is the password.'),
    }),
    z.strictObject({
      type: z.literal('header'),
      name: z
        .string()
        .regex(HEADER, 'is no name of a header')
        .refine((name) => !OF_THE_CONNECTION.has(name.toLowerCase()), 'is a header of the connection'),
      value_ref: secretRef('The secret that is the value of the header.'),
    }),
  ])
  .optional()
  .describe('Credentials, by the names of secrets.');

/** See {@link authSchema}. */
export type ApiAuth = z.output<typeof authSchema>;

/** The header that carries the credentials, and the secret in it, which no output may show. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string | undefined;
}

/** The name of the secret that the credentials are made of. */
export function secretNameOf(auth: ApiAuth): string | undefined {
  switch (auth?.type) {
    case 'bearer':
      return auth.token_ref;
    case 'basic':
      return auth.password_ref;
    default:
      return auth?.value_ref;
  }
}

/** @throws ToolError when there is no such secret */
export function credentialsOf(auth: ApiAuth, context: Pick<NodeContext, 'secret'>): Credentials {
  switch (auth?.type) {
    case 'bearer': {
      const secret = context.secret(auth.token_ref);
      return { headers: { authorization: `Bearer ${secret}` }, secret };
    }
    case 'basic': {
      const secret = context.secret(auth.password_ref);
      const pair = Buffer.from(`${auth.username}:${secret}`, 'utf8').toString('base64');
      return { headers: { authorization: `Basic ${pair}` }, secret };
    }
    case 'header': {
      const secret = context.secret(auth.value_ref);
      return { headers: { [auth.name.toLowerCase()]: secret }, secret };
    }
    default:
      return { headers: {}, secret: undefined };
  }
}

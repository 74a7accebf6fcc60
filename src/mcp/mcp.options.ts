import { z } from 'zod';
import { isAddressRange } from './access/client-address.js';

/** One MiB. */
const MIB = 1_048_576;

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** The section `server`: who the server is, where it listens, whom it lets in by name. */
export const serverOptions = z.strictObject({
  name: z.string().min(1).max(128).default('rookery').describe('What clients are told the server is called.'),
  version: z.string().min(1).max(64).default('0.1.0').describe('What clients are told its version is.'),
  title: z.string().min(1).optional().describe('The name for people.'),
  description: z.string().min(1).optional().describe('One sentence on what the server is for.'),
  websiteUrl: z.url().optional().describe('Where people read more.'),
  instructions: z.string().min(1).optional().describe('How a model should use this server; sent on connection.'),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('The address to listen on. Loopback only, unless callers are authenticated (`auth`).'),
  port: z.number().int().min(0).max(65_535).default(3000).describe('The port to listen on; 0 picks a free one.'),
  publicUrl: z.url().optional().describe('How clients reach the server, when a proxy stands before it.'),
  allowedHosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Host names accepted in `Host`, besides loopback and those of `host` and `publicUrl`.'),
  allowedOrigins: z.array(z.string().min(1)).default([]).describe('Host names accepted in `Origin`, besides loopback.'),
  trustedProxies: z
    .array(z.string().refine(isAddressRange, 'must be an IP address or a range such as 10.0.0.0/8'))
    .default([])
    .describe(
      'Addresses and ranges of proxies before the server, whose `X-Forwarded-For` is believed: limits and audit then know the client’s address.',
    ),
  tls: z
    .strictObject({
      certFile: z.string().min(1).describe('The certificate with its chain, PEM.'),
      keyFile: z.string().min(1).describe('Its private key, PEM.'),
      passphrase: z.string().min(1).optional().meta({ secret: true }).describe('What the key is encrypted with.'),
      minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('The oldest version that is spoken.'),
    })
    .optional()
    .describe('Serves HTTPS. Files that are replaced are served within a minute.'),
  cors: z
    .strictObject({
      origins: z
        .array(z.string().refine(isOrigin, 'must be an origin such as https://app.example.com'))
        .default([])
        .describe('Origins whose pages may call the endpoint from a browser.'),
      maxAgeSeconds: z
        .number()
        .int()
        .min(0)
        .max(86_400)
        .default(600)
        .describe('Seconds for which a browser remembers that it may.'),
    })
    .prefault({})
    .describe('Browser clients of other origins.'),
  maxMessageSize: z
    .number()
    .int()
    .min(1024)
    .max(1024 * MIB)
    .default(4 * MIB)
    .describe('Bytes of one message, on every transport; of a compressed body, what it becomes.'),
  maxMessageNodes: z
    .number()
    .int()
    .min(1000)
    .max(100_000_000)
    .default(250_000)
    .describe('JSON values and property names in one message.'),
  maxResultSize: z
    .number()
    .int()
    .min(1024)
    .max(512 * MIB)
    .default(32 * MIB)
    .describe('Bytes of one result; a larger one is answered with an error that says so.'),
  unsent: z
    .strictObject({
      maxSize: z
        .number()
        .int()
        .min(16_384)
        .max(1024 * MIB)
        .default(MIB)
        .describe(
          'Bytes that may wait for a client that reads slowly. Beyond them progress and log messages are left out; an answer never is.',
        ),
      stallMs: z
        .number()
        .int()
        .min(100)
        .max(3_600_000)
        .default(30_000)
        .describe('Milliseconds after which a client is let go that takes nothing of what waits for it.'),
    })
    .prefault({})
    .describe('What may wait for clients that do not read.'),
  connections: z
    .strictObject({
      max: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .default(20_000)
        .describe('Connections at once; further ones are closed at once.'),
      headersTimeoutMs: z
        .number()
        .int()
        .min(100)
        .max(3_600_000)
        .default(60_000)
        .describe('Milliseconds that the headers of a request may take; then it is answered with 408.'),
      requestTimeoutMs: z
        .number()
        .int()
        .min(100)
        .max(3_600_000)
        .default(120_000)
        .describe('Milliseconds that a whole request may take, body included; then it is answered with 408.'),
      idleMs: z
        .number()
        .int()
        .min(100)
        .max(3_600_000)
        .default(72_000)
        .describe(
          'Milliseconds that a connection may wait for its next request. Longer than a proxy in front keeps it.',
        ),
    })
    .prefault({})
    .describe('Connections to the HTTP server, which is the application’s.'),
  pageSize: z.number().int().min(1).max(1000).default(100).describe('Entries on one page of a list.'),
  listTtlMs: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Milliseconds for which clients may keep lists and discovery.'),
  stateKeys: z
    .array(z.string().min(32, 'must have 32 characters or more'))
    .default([])
    .meta({ secret: true })
    .describe(
      'Secrets that seal what clients keep for the server between the rounds of a call. The first seals, all open; none makes one at start.',
    ),
  stateTtlMs: z
    .number()
    .int()
    .min(1000)
    .max(86_400_000)
    .default(600_000)
    .describe('Milliseconds that a client gets to answer a question of a call.'),
  maxSessions: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Sessions of 2025-era clients over HTTP at once; further ones are refused.'),
  sessionIdleMs: z
    .number()
    .int()
    .min(1000)
    .max(86_400_000)
    .default(1_800_000)
    .describe('Milliseconds after which an unused session ends.'),
  maxSubscriptions: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Open `subscriptions/listen` requests at once; further ones are refused.'),
  tasks: z
    .strictObject({
      store: z
        .enum(['memory', 'database'])
        .default('memory')
        .describe('Where tasks are kept: in this process, or in the database of `store.url`, which processes share.'),
      ttlMs: z
        .number()
        .int()
        .min(1000)
        .max(604_800_000)
        .default(3_600_000)
        .describe('Milliseconds that a task and its result are kept.'),
      pollIntervalMs: z
        .number()
        .int()
        .min(10)
        .max(3_600_000)
        .default(1_000)
        .describe('Milliseconds that clients are told to wait between polls.'),
      maxTasks: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .default(10_000)
        .describe('Tasks kept at once; further calls are refused.'),
    })
    .prefault({})
    .describe('Tools that answer with a task (SEP-2663).'),
  skills: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .optional()
        .describe('A folder of skill folders, each with a SKILL.md. None serves no skills.'),
    })
    .prefault({})
    .describe('Skills (SEP-2640).'),
  shutdownGraceMs: z
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(10_000)
    .describe('Milliseconds that open calls get to finish in when the server stops.'),
});

/** The section `server`, complete. */
export type ServerOptions = z.output<typeof serverOptions>;

/** The section `transports`. */
export const transportsOptions = z.strictObject({
  adapter: z
    .enum(['native', 'sdk'])
    .default('native')
    .describe(
      'Whose wire: `native` is our own, for every revision; `sdk` is that of `@modelcontextprotocol/sdk`, which must be installed, for revisions before 2026.',
    ),
  http: z
    .strictObject({
      mount: z
        .enum(['front', 'route'])
        .default('front')
        .describe(
          '`front` answers /mcp before the router (fastest); `route` is an ordinary route, behind the application’s middleware.',
        ),
      keepAliveMs: z
        .number()
        .int()
        .min(1000)
        .max(600_000)
        .default(15_000)
        .describe('Milliseconds between comments that keep an event stream open.'),
    })
    .prefault({})
    .describe('Streamable HTTP.'),
});

/** The section `transports`, complete. */
export type TransportsOptions = z.output<typeof transportsOptions>;

/** `server.tls` as it is written: how HTTPS is served. */
export type TlsOptions = NonNullable<z.input<typeof serverOptions>['tls']>;

/** Whose wire the server speaks on. */
export type AdapterName = TransportsOptions['adapter'];

/** How the endpoint stands in a Nest application: before its router, or as one of its routes. */
export type HttpMount = TransportsOptions['http']['mount'];

/** What `mcp/` is configured by: the section `server`, and how long event streams stay quiet; also its injection token. */
export abstract class McpOptions implements Readonly<ServerOptions> {
  abstract readonly name: string;
  abstract readonly version: string;
  abstract readonly title?: string | undefined;
  abstract readonly description?: string | undefined;
  abstract readonly websiteUrl?: string | undefined;
  abstract readonly instructions?: string | undefined;
  abstract readonly host: string;
  abstract readonly port: number;
  abstract readonly publicUrl?: string | undefined;
  abstract readonly allowedHosts: string[];
  abstract readonly allowedOrigins: string[];
  abstract readonly trustedProxies: string[];
  abstract readonly tls?: ServerOptions['tls'];
  abstract readonly cors: { readonly origins: string[]; readonly maxAgeSeconds: number };
  abstract readonly maxMessageSize: number;
  abstract readonly maxMessageNodes: number;
  abstract readonly maxResultSize: number;
  abstract readonly unsent: { readonly maxSize: number; readonly stallMs: number };
  abstract readonly connections: {
    readonly max: number;
    readonly headersTimeoutMs: number;
    readonly requestTimeoutMs: number;
    readonly idleMs: number;
  };
  abstract readonly pageSize: number;
  abstract readonly listTtlMs: number;
  abstract readonly stateKeys: string[];
  abstract readonly stateTtlMs: number;
  abstract readonly maxSessions: number;
  abstract readonly sessionIdleMs: number;
  abstract readonly maxSubscriptions: number;
  abstract readonly tasks: {
    readonly store: 'memory' | 'database';
    readonly ttlMs: number;
    readonly pollIntervalMs: number;
    readonly maxTasks: number;
  };
  abstract readonly skills: { readonly folder?: string | undefined };
  abstract readonly shutdownGraceMs: number;
  abstract readonly keepAliveMs: number;
}

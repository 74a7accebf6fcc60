import { environmentCredential } from '../../config/index.js';
import { isLoopback } from '../../core/index.js';
import type { CliContext } from '../context.js';
import { refusal } from '../credential-refusal.js';
import { CommandFailure, UsageError } from '../exit-code.js';
import { reasonOf } from '../explain-error.js';
import { toOverrides, type ConfigOption } from '../options.js';
import { firstLine, printable } from '../output.js';
import { checkedUrl, serverUrl } from '../server-url.js';

/** Which server is operated. */
export interface AdminFlags extends ConfigOption {
  /** Its MCP endpoint or base address; without it, where the configuration says that it is. */
  readonly url?: string;
  readonly json?: boolean;
}

const TIMEOUT_MS = 10_000;

/**
 * Talks to `/admin/v1` of a running server, with the credential of the environment.
 *
 * Whatever keeps it from an answer is a CommandFailure that says what to do about it.
 */
export class AdminClient {
  constructor(
    private readonly base: URL,
    private readonly credential: string | undefined,
    private readonly timeoutMs: number = TIMEOUT_MS,
  ) {}

  /** The server's address without what stands before `/admin`, for people. */
  get address(): string {
    return this.base.href.replace(/\/$/, '');
  }

  /** @param path - below `/admin/v1/`, encoded */
  async get(path: string): Promise<unknown> {
    return await this.#ask('GET', path);
  }

  /** @param path - below `/admin/v1/`, encoded */
  async post(path: string, body: object = {}): Promise<unknown> {
    return await this.#ask('POST', path, JSON.stringify(body));
  }

  /** @param path - below `/admin/v1/`, encoded */
  async put(path: string, body: object): Promise<unknown> {
    return await this.#ask('PUT', path, JSON.stringify(body));
  }

  async #ask(method: string, path: string, body?: string): Promise<unknown> {
    const url = new URL(`admin/v1/${path}`, this.base);
    try {
      const response = await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          ...(this.credential !== undefined && { authorization: `Bearer ${this.credential}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        // Another address is for the user to choose: the credential goes there.
        redirect: 'manual',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      const answer = readJson(await response.text());
      if (response.ok && answer !== undefined) return answer;
      throw this.#refused(response, answer);
    } catch (error) {
      throw error instanceof CommandFailure || error instanceof UsageError ? error : this.#unreached(error);
    }
  }

  #refused({ status, headers, ok }: Response, answer: unknown): Error {
    const said = messageIn(answer);
    const { address } = this;
    if (status === 401) return refusal(this.credential, `The server at ${address}`);
    if (status === 403) {
      return new CommandFailure(
        `error: The server at ${address} lets nobody operate it without the permission rookery:operate: give it to a role in ` +
          'permissions.roles that the key has, or to a new key with `rookery keys create <id> --permission rookery:operate`.' +
          (this.credential === undefined ? ' No credential was sent: set ROOKERY_API_KEY.' : ''),
      );
    }
    if (status === 404) {
      return new CommandFailure(
        `error: There is no /admin/v1 at ${address}: the server is of an older version, or something before it does not ` +
          "pass this path on. Name the server's own address with --url.",
      );
    }
    if (status === 400)
      return new UsageError(`the server at ${address} did not take that: ${said ?? 'it does not say why'}`);
    if (status >= 300 && status < 400) {
      const place = printable(headers.get('location') ?? 'another address');
      return new CommandFailure(`error: The server at ${address} sends on to ${place}: name that address with --url.`);
    }
    if (ok) return new CommandFailure(`error: What answers at ${address} is no Rookery server. Check --url.`);
    const wait = headers.get('retry-after');
    return new CommandFailure(
      `error: The server at ${address} answered ${status}${said === undefined ? '' : `: ${said}`}` +
        (wait === null ? '' : `\nTry again in ${printable(wait)} seconds.`),
    );
  }

  #unreached(error: unknown): CommandFailure {
    const { address } = this;
    if (error instanceof Error && error.name === 'TimeoutError') {
      return new CommandFailure(
        `error: The server at ${address} did not answer within ${this.timeoutMs / 1000} seconds.`,
      );
    }
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') {
      return new CommandFailure(
        `error: Nothing listens at ${address}. Is the server running? Start it with \`rookery start\`, or name another with --url.`,
      );
    }
    const advice =
      code !== undefined && CERTIFICATE.test(code)
        ? '\nNODE_EXTRA_CA_CERTS names a file with further authorities.'
        : '';
    return new CommandFailure(`error: The server at ${address} cannot be reached: ${reasonOf(error)}${advice}`);
  }
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_/;

/**
 * The server that the command line or the configuration names.
 *
 * @throws UsageError when neither does, ConfigurationError for a faulty configuration, and CommandFailure rather than
 * send a credential to another host in the clear
 */
export async function adminClient({ application, source }: CliContext, flags: AdminFlags): Promise<AdminClient> {
  const from = source(toOverrides(flags));
  const credential = environmentCredential(from);
  const base = baseOf(
    flags.url === undefined ? configuredUrl((await application.configuration(from)).server) : checkedUrl(flags.url),
  );
  if (credential !== undefined && base.protocol !== 'https:' && !isLoopback(base.hostname)) {
    throw new CommandFailure(`error: A credential is not sent to ${base.host} over plain HTTP; use https.`);
  }
  return new AdminClient(base, credential);
}

function configuredUrl(server: Parameters<typeof serverUrl>[0]): URL {
  if (server.port === 0 && server.publicUrl === undefined) {
    throw new UsageError(
      'server.port is 0, so the port is only known to the server, which prints it: name it with --url',
    );
  }
  return new URL(serverUrl(server));
}

/** The address that `admin/v1` stands below; the MCP endpoint stands beside it. */
function baseOf({ origin, pathname }: URL): URL {
  const base = new URL(origin);
  base.pathname = `${pathname.replace(/\/+$/, '').replace(/\/mcp$/, '')}/`;
  return base;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an error of the server says: one sentence, or several faults. */
function messageIn(answer: unknown): string | undefined {
  const { message } = (answer ?? {}) as { readonly message?: unknown };
  const said = Array.isArray(message) ? message.join('; ') : message;
  return typeof said === 'string' && said !== '' ? printable(firstLine(said, 500)) : undefined;
}

function codeOf(error: unknown): string | undefined {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly errors?: readonly unknown[] } };
  const code = cause?.code ?? (cause?.errors?.[0] as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

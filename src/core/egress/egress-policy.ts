import { isIP } from 'node:net';
import { RookeryError } from '../errors.js';
import { AddressRanges, specialRanges } from './address-ranges.js';

/** Where requests may go. */
export interface EgressRules {
  /**
   * Origins: `https://api.example.com`, `https://*.example.com:8443`, `https://*` for every public host. Without a port
   * that of the scheme is meant. Everything else is refused.
   */
  readonly allow: readonly string[];
  /** Ranges of addresses that are not of the public internet and may be reached all the same. @default none */
  readonly privateRanges?: readonly string[] | undefined;
}

/** Why a request out was refused, for counting. */
export type EgressReason = 'url' | 'scheme' | 'host' | 'address' | 'redirects' | 'size';

/** A request out was refused by a rule, not by who was asked. */
export class EgressRefusedError extends RookeryError {
  constructor(
    readonly reason: EgressReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super('forbidden', message, {}, options);
  }
}

interface Origin {
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
}

const SCHEMES: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const LONGEST_URL = 8_192;

/** Decides about URLs and addresses; asks nobody. */
export class EgressPolicy {
  readonly #allowed: readonly Origin[];
  readonly #special = specialRanges();
  readonly #privateRanges: AddressRanges;

  /** @throws Error naming each rule that is none */
  constructor({ allow, privateRanges = [] }: EgressRules) {
    this.#allowed = allow.map((pattern) => originOf(pattern));
    this.#privateRanges = new AddressRanges(privateRanges);
  }

  /** @throws EgressRefusedError saying what is wrong with the URL, or that it may not be asked for */
  checkUrl(text: string): URL {
    if (text.length > LONGEST_URL || !URL.canParse(text)) {
      throw new EgressRefusedError('url', 'This is not a URL that can be asked for.');
    }
    const url = new URL(text);
    const standard = SCHEMES[url.protocol];
    if (standard === undefined) {
      throw new EgressRefusedError('scheme', `Only http and https URLs are asked for, not ${url.protocol}`);
    }
    if (url.username !== '' || url.password !== '') {
      throw new EgressRefusedError('url', 'A URL must not hold a name or password; give credentials by reference.');
    }
    const host = hostOf(url);
    const port = url.port === '' ? standard : url.port;
    if (!this.#allowed.some((origin) => matches(origin, { protocol: url.protocol, host, port }))) {
      throw new EgressRefusedError('host', `Requests to ${url.protocol}//${host}:${port} are not allowed here.`);
    }
    if (isIP(host) !== 0) this.checkAddress(host);
    return url;
  }

  /** @throws EgressRefusedError when the address is not public, and not allowed by itself */
  checkAddress(address: string): void {
    if (!this.#special.has(address) || this.#privateRanges.has(address)) return;
    throw new EgressRefusedError('address', 'Requests into private networks are not allowed here.');
  }
}

/** @throws Error saying what a rule must look like */
function originOf(pattern: string): Origin {
  const match = /^(https?:)\/\/(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}|\*))?\/?$/i.exec(pattern);
  if (match === null) {
    throw new Error(`"${pattern}" is no origin, such as https://api.example.com, https://*.example.com or https://*`);
  }
  const [, scheme = '', host = '', port] = match;
  const protocol = scheme.toLowerCase();
  const plain = host.includes('*') ? host.toLowerCase() : hostOf(new URL(`${protocol}//${host}`));
  return { protocol, host: plain, port: port ?? SCHEMES[protocol] ?? '' };
}

function matches({ protocol, host, port }: Origin, asked: Origin): boolean {
  if (protocol !== asked.protocol || (port !== '*' && port !== asked.port)) return false;
  if (host === '*') return true;
  if (!host.startsWith('*.')) return host === asked.host;
  return asked.host.endsWith(host.slice(1)) && asked.host.length > host.length - 1;
}

/** Without the brackets of an address of version 6, and without the dot that ends a complete name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

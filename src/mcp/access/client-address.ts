import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Entries of `X-Forwarded-For` that are looked at; nobody has more proxies than this before a server. */
const MOST_HOPS = 32;

/**
 * The client's address behind proxies that are trusted.
 *
 * `X-Forwarded-For` is read from its end, over the addresses that are proxies of ours: the first that is not is the
 * client. What stands before that was written by the client, and is not believed. From an untrusted peer the header
 * counts for nothing.
 */
export class ClientAddress {
  readonly #trusted: BlockList | undefined;

  /** @param trustedProxies - addresses and CIDR ranges, checked before */
  constructor(trustedProxies: readonly string[]) {
    this.#trusted = trustedProxies.length === 0 ? undefined : blockList(trustedProxies);
  }

  of({ socket, headers }: IncomingMessage): string | undefined {
    const { remoteAddress } = socket;
    if (this.#trusted === undefined || remoteAddress === undefined || !this.#isTrusted(remoteAddress)) {
      return remoteAddress;
    }
    const forwarded = headers['x-forwarded-for'];
    const text = typeof forwarded === 'string' ? forwarded : (forwarded?.join(',') ?? '');
    const hops = text.split(',').slice(-MOST_HOPS);
    let client = remoteAddress;
    for (const hop of hops.toReversed()) {
      const address = hop.trim();
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.#isTrusted(address)) return client;
    }
    return client;
  }

  #isTrusted(address: string): boolean {
    const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
    return this.#trusted?.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4') ?? false;
  }
}

/** Whether a text is an IP address, or a range of them in CIDR notation. */
export function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 6 ? 128 : 32);
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

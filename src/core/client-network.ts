import { isIPv6 } from 'node:net';

/** Whom an address stands for. */
export interface ClientNetwork {
  /** The address itself; of IPv6 the /64, which is what one customer of a provider has. */
  readonly client: string;
  /** The /16 of an IPv4 address, the /32 of an IPv6 one. */
  readonly network: string;
}

/** The same client for every way to write its address. */
export function clientNetwork(address: string): ClientNetwork {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
  const plain = mapped.split('%')[0] ?? '';
  if (!isIPv6(plain)) return { client: mapped, network: mapped.split('.').slice(0, 2).join('.') };
  const groups = groupsOf(plain);
  return { client: `${groups.slice(0, 4).join(':')}::/64`, network: groups.slice(0, 2).join(':') };
}

/** The eight groups without leading zeros; the URL parser knows every notation. */
function groupsOf(address: string): readonly string[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
}

import { BlockList, isIP } from 'node:net';

/** Addresses that are not of the public internet (IANA's special-purpose registries, RFC 6890 and its updates). */
const SPECIAL: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and where clouds serve the credentials of a machine
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96', // unspecified, loopback, and addresses of version 4 in an old disguise
  '::ffff:0:0:0/96',
  '64:ff9b::/96', // these lead to an address of version 4 that nobody has looked at
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Parts of the address space, asked whether they hold an address. */
export class AddressRanges {
  readonly #ranges = new BlockList();

  /** @param ranges - `10.0.0.0/8`, `fd00::/8`, or one address. @throws Error naming what is no range */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', prefix, ...rest] = range.split('/');
      const version = isIP(address);
      const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix);
      const wrong = version === 0 || rest.length > 0 || prefix === '' || !Number.isInteger(bits);
      if (wrong || bits < 0 || bits > (version === 4 ? 32 : 128)) {
        throw new Error(`"${range}" is no range of addresses, such as 10.0.0.0/8 or fd00::/8`);
      }
      this.#ranges.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** An address of version 4 in the notation of version 6 (`::ffff:10.0.0.1`) counts as both. */
  has(address: string): boolean {
    const plain = address.split('%', 1)[0] ?? '';
    const version = isIP(plain);
    return version !== 0 && this.#ranges.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** Every address that is not of the public internet: of this machine, private networks, clouds' metadata, nobody. */
export function specialRanges(): AddressRanges {
  return new AddressRanges(SPECIAL);
}

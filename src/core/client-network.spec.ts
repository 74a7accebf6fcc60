import { describe, expect, it } from 'vitest';
import { clientNetwork } from './client-network.js';

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', '192.0'],
    ['::ffff:192.0.2.1', '192.0.2.1', '192.0'],
    ['::FFFF:192.0.2.1', '192.0.2.1', '192.0'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8'],
    ['2001:0DB8:0:0:ffff::2', '2001:db8:0:0::/64', '2001:db8'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0'],
    ['::1', '0:0:0:0::/64', '0:0'],
    ['::', '0:0:0:0::/64', '0:0'],
    ['', '', ''],
    ['not an address', 'not an address', 'not an address'],
  ])('%s is the client %s of the network %s', (address, client, network) => {
    expect(clientNetwork(address)).toEqual({ client, network });
  });
});

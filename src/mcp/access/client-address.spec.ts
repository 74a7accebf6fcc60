import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ClientAddress, isAddressRange } from './client-address.js';

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe("the client's address", () => {
  const behind = new ClientAddress(['10.0.0.0/8', '::1', '2001:db8::/32']);

  it.each([
    ['a peer that is no proxy is the client, whatever it forwards', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a proxy that forwards nothing', '10.0.0.1', undefined, '10.0.0.1'],
    ['one proxy', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['a proxy by its mapped address', '::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['two proxies', '10.0.0.1', '198.51.100.7, 10.2.3.4', '198.51.100.7'],
    ['what the client wrote itself is not believed', '10.0.0.1', '1.1.1.1, 198.51.100.7', '198.51.100.7'],
    ['IPv6', '2001:db8::1', '2001:db9::7', '2001:db9::7'],
    ['only proxies: the farthest', '10.0.0.1', '10.9.9.9', '10.9.9.9'],
    ['no address stands there', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['no address stands before a proxy', '10.0.0.1', "'; DROP, 10.5.5.5", '10.5.5.5'],
    ['with ports', '10.0.0.1', '198.51.100.7:4711', '10.0.0.1'],
  ])('%s', (_name, peer, forwarded, expected) => {
    expect(behind.of(request(peer, forwarded))).toBe(expected);
  });

  it('is the peer where no proxy is trusted', () => {
    expect(new ClientAddress([]).of(request('127.0.0.1', '198.51.100.7'))).toBe('127.0.0.1');
  });

  it('looks at a bounded number of hops', () => {
    const forwarded = ['198.51.100.7', ...Array.from({ length: 100_000 }, () => '10.1.1.1')].join(',');
    expect(behind.of(request('10.0.0.1', forwarded))).toBe('10.1.1.1');
  });

  it.each([
    ['10.0.0.1', true],
    ['10.0.0.0/8', true],
    ['::/0', true],
    ['10.0.0.0/33', false],
    ['10.0.0/8', false],
    ['proxy.example', false],
    ['10.0.0.0/8/8', false],
    ['', false],
  ])('%j is a range: %s', (text, valid) => {
    expect(isAddressRange(text)).toBe(valid);
  });
});

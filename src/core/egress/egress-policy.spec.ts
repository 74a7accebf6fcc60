import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EgressPolicy, EgressRefusedError, type EgressReason } from './egress-policy.js';

function refusal(policy: EgressPolicy, url: string): EgressReason | undefined {
  try {
    policy.checkUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof EgressRefusedError) return error.reason;
    throw error;
  }
}

describe('EgressPolicy', () => {
  it.each([
    ['https://api.example.com/v1?x=1', undefined],
    ['https://API.example.com./v1', undefined],
    ['https://api.example.com:443/', undefined],
    ['https://api.example.com:8443/', 'host'],
    ['http://api.example.com/', 'host'],
    ['https://example.com/', 'host'],
    ['https://api.example.com.evil.org/', 'host'],
    ['https://evil.org/api.example.com', 'host'],
    ['https://a.b.example.org/', undefined],
    ['https://example.org/', 'host'],
    ['https://evilexample.org/', 'host'],
    ['https://user@api.example.com/', 'url'],
    ['https://api.example.com:pass@evil.org/', 'url'],
    ['https://evil.org#@api.example.com/', 'host'],
    ['https://evil.org\\@api.example.com/', 'host'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://api.example.com/', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['//api.example.com/', 'url'],
    ['', 'url'],
    [`https://api.example.com/${'x'.repeat(10_000)}`, 'url'],
  ] as const)('%s: %s', (url, expected) => {
    const policy = new EgressPolicy({ allow: ['https://api.example.com', 'https://*.example.org'] });
    expect(refusal(policy, url)).toBe(expected);
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://10.1.2.3/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0xA9FEA9FE/',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
  ])('refuses what is not of the public internet, however it is written: %s', (url) => {
    expect(refusal(new EgressPolicy({ allow: ['http://*'] }), url)).toBe('address');
  });

  it('lets public addresses pass, and ranges that are allowed by themselves', () => {
    const policy = new EgressPolicy({ allow: ['http://*:*'], privateRanges: ['10.1.0.0/16', 'fd00::/8', '127.0.0.1'] });
    for (const host of [
      '8.8.8.8',
      '[2606:4700::1111]',
      '10.1.255.1',
      '[::ffff:10.1.0.1]',
      '[fd12::1]',
      '127.0.0.1:99',
    ]) {
      expect([host, refusal(policy, `http://${host}/`)]).toEqual([host, undefined]);
    }
    for (const host of ['10.2.0.1', '127.0.0.2']) expect(refusal(policy, `http://${host}/`)).toBe('address');
  });

  it('knows every private address in every spelling that a URL has for it', () => {
    const policy = new EgressPolicy({ allow: ['http://*'] });
    const spelled = fc
      .tuple(fc.constantFrom(10, 127, 0), fc.nat(255), fc.nat(255), fc.nat(255), fc.constantFrom(8, 10, 16))
      .map(([a, b, c, d, base]) => {
        const write = (n: number): string =>
          base === 8 ? `0${n.toString(8)}` : base === 16 ? `0x${n.toString(16)}` : `${n}`;
        const whole = ((a * 256 + b) * 256 + c) * 256 + d;
        return [[a, b, c, d].map(write).join('.'), write(whole), `${write(a)}.${write((b * 256 + c) * 256 + d)}`];
      });
    fc.assert(
      fc.property(spelled, (hosts) => {
        for (const host of hosts) expect([host, refusal(policy, `http://${host}/`)]).toEqual([host, 'address']);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['api.example.com', 'https://api.example.com/path', 'https://*.*', 'https://', 'ftp://x', 'https://a:b'])(
    'is not made with the rule %s',
    (rule) => expect(() => new EgressPolicy({ allow: [rule] })).toThrow('is no origin'),
  );

  it.each(['10.0.0.0/33', '10.0.0/8', 'fd00::/', 'x', '::1/-1', '10.0.0.0/8/8'])(
    'is not made with the range %s',
    (range) => expect(() => new EgressPolicy({ allow: [], privateRanges: [range] })).toThrow('is no range'),
  );
});

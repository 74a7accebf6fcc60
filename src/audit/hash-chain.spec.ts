import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GENESIS, HashChain, chainDigest } from './hash-chain.js';

describe('a hash chain', () => {
  it('[A9] links every record to the one before it, in a form that others can verify', () => {
    const chain = new HashChain('w1', chainDigest());
    expect(chain.head).toBeUndefined();
    const [first, second] = ['a', 'b'].map((name) =>
      chain.seal({ at: 1, event: 'call', entry: JSON.stringify({ name }) }),
    );
    const { hash, ...body } = JSON.parse(first!.line) as Record<string, unknown>;
    expect(body).toEqual({ v: 1, writer: 'w1', seq: 0, name: 'a', previous: GENESIS });
    expect(hash).toBe(
      createHash('sha256')
        .update(GENESIS + JSON.stringify(body))
        .digest('hex'),
    );
    expect(JSON.parse(second!.line)).toMatchObject({ seq: 1, previous: hash });
    expect(chain.head).toEqual({ writer: 'w1', seq: 1, hash: second!.hash });
  });

  it('makes other hashes with a key', () => {
    const seal = (key?: string): string =>
      new HashChain('w', chainDigest(key)).seal({ at: 1, event: 'open', entry: '{"a":1}' }).hash;
    expect(seal('k'.repeat(32))).not.toBe(seal());
    expect(seal('k'.repeat(32))).not.toBe(seal('l'.repeat(32)));
  });
});

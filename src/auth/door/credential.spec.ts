import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CREDENTIAL, credentialOf } from './credential.js';

const visible = fc.stringMatching(/^[\x21-\x7e]{1,200}$/);
const anything = fc.string({ unit: 'binary', maxLength: 300 });

describe('credentialOf', () => {
  it('gives back whatever visible credential stands behind Bearer or in X-API-Key', () => {
    fc.assert(
      fc.property(visible, fc.constantFrom('Bearer', 'bearer', 'BEARER', 'bEaReR'), (secret, word) => {
        expect(credentialOf({ authorization: `${word} ${secret}` })).toEqual({
          kind: 'credential',
          credential: { scheme: 'bearer', secret },
        });
        expect(credentialOf({ 'x-api-key': secret })).toEqual({
          kind: 'credential',
          credential: { scheme: 'api-key', secret },
        });
      }),
    );
  });

  it('never throws, never makes up a credential, and never repeats one in a message', () => {
    fc.assert(
      fc.property(fc.option(anything, { nil: undefined }), fc.option(anything, { nil: undefined }), (first, second) => {
        const reading = credentialOf({ authorization: first, 'x-api-key': second });
        if (reading.kind === 'none') expect([first, second]).toEqual([undefined, undefined]);
        if (reading.kind === 'credential') {
          expect([first, second].filter((header) => header !== undefined)).toHaveLength(1);
          expect(first ?? second).toContain(reading.credential.secret);
          expect(reading.credential.secret).toMatch(/^[\x20-\x7e]{1,16384}$/);
        }
        if (reading.kind === 'faulty') {
          for (const header of [first, second]) {
            if (header !== undefined && header.length > 12) expect(reading.message).not.toContain(header);
          }
        }
      }),
    );
  });

  it('finds a repeated header in any case, whatever stands around it', () => {
    fc.assert(
      fc.property(visible, fc.constantFrom('authorization', 'Authorization', 'X-API-KEY'), (secret, name) => {
        const rawHeaders = ['Host', 'localhost', 'Authorization', `Bearer ${secret}`, 'Accept', '*/*', name, secret];
        expect(credentialOf({ authorization: `Bearer ${secret}` }, rawHeaders)).toMatchObject({
          reason: 'several_credentials',
        });
      }),
    );
  });

  it('takes what is as long as may be, and not one more', () => {
    const longest = 'k'.repeat(MAX_CREDENTIAL);
    expect(credentialOf({ 'x-api-key': longest })).toMatchObject({ kind: 'credential' });
    expect(credentialOf({ 'x-api-key': `${longest}k` })).toMatchObject({ reason: 'too_large' });
  });
});

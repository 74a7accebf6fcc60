import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactError, redactText } from './redaction.js';

describe('redactText', () => {
  it.each([
    ['connect failed: password=hunter2 host=db', 'connect failed: password=*** host=db'],
    ['{"api_key":"abc-123","rows":3}', '{"api_key":***,"rows":3}'],
    [String.raw`{"password":"hun\"ter2","rows":3}`, '{"password":***,"rows":3}'],
    [
      String.raw`body was "{\"password\":\"hunter2\",\"rows\":3}"`,
      String.raw`body was "{\"password\":***,\"rows\":3}"`,
    ],
    ["{ clientSecret: 'two words' }", '{ clientSecret: *** }'],
    ['X-Api-Key: abc-123', 'X-Api-Key: ***'],
    ['postgres://app:hunter2@db:5432/app', 'postgres://***@db:5432/app'],
    ['https://example.com/?access_token=abc&page=2', 'https://example.com/?access_token=***&page=2'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij was refused', 'token *** was refused'],
    ['DB_PASSWORD: hunter2\nnext line', 'DB_PASSWORD: ***\nnext line'],
  ])('takes the credential out of %j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each(['Bearer abcdefghijkl', 'Basic dXNlcjpodW50ZXIy'])('takes %j out of a header', (credential) => {
    expect(redactText(`GET / Authorization: ${credential}`)).not.toContain(credential.split(' ')[1]);
  });

  it.each([
    'The file report.csv has 3 rows',
    'See https://example.com/a:b for the tokenizer',
    'passwords are stored hashed',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes out a quoted credential whatever it consists of', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), (secret) => {
        const text = JSON.stringify({ password: `${secret}hunter2${secret}`, rows: 3 });
        expect(redactText(text)).toBe('{"password":***,"rows":3}');
      }),
    );
  });

  it('cuts a text of a megabyte, and is done with a hostile one at once', () => {
    const started = performance.now();
    for (const hostile of ['password', 'a-password-', 'bearer ', 'a://b:', 'secret="\\']) {
      expect(redactText(hostile.repeat(131_072)).length).toBeLessThan(20_000);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('redactError', () => {
  it('keeps type, message and stack, each redacted', () => {
    const { type, message, stack } = redactError(new TypeError('no login with password=hunter2'));
    expect({ type, message }).toEqual({ type: 'TypeError', message: 'no login with password=***' });
    expect(stack).toContain('redaction.spec.ts');
    expect(stack).not.toContain('hunter2');
  });

  it('redacts the causes too, as far as they go', () => {
    const circular = new Error('secret: hunter2');
    circular.cause = circular;
    const fields = redactError(new Error('outer', { cause: circular }));
    expect(fields).toMatchObject({
      message: 'outer',
      cause: { message: 'secret: ***', cause: { message: 'secret: ***' } },
    });
    expect(JSON.stringify(fields)).not.toContain('hunter2');
  });

  it.each([
    ['password=hunter2', 'password=***'],
    [undefined, 'undefined'],
    [404, '404'],
  ])('makes a message of %j, which is no error', (thrown, message) => {
    expect(redactError(thrown)).toEqual({ message });
  });
});

import { z } from 'zod';

/** The characters of an id, as in logs, audit records and labels. */
const ID = /^[\w.:@/-]{1,128}$/;
const SHA256 = /^(?:sha256:)?[0-9a-f]{64}$/i;

/** What the door reads out of a header: a key of anything else would let nobody in. */
export const SENDABLE_KEY: RegExp = /^[\x21-\x7e]+$/;
/** The fault of a key that is not {@link SENDABLE_KEY}. */
export const UNSENDABLE = 'must be visible ASCII without spaces: no header carries it otherwise';

const secret = z.string().min(1).regex(SENDABLE_KEY, UNSENDABLE).meta({ secret: true });
const secretFile = z.string().min(1);
const hash = z.string().regex(SHA256, 'must be the SHA-256 of the key: 64 hex digits');
const names = z.array(z.string().min(1).max(128));

/** The key before a rotation, valid until the entry is taken out. */
const previousKey = z.strictObject({
  secret: secret.optional().describe('The key itself.'),
  secretFile: secretFile.optional().describe('The file that holds the key.'),
  hash: hash.optional().describe('The SHA-256 of the key, 64 hex digits.'),
  expiresAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Until when it still works. Without: while it is here.'),
});

/** One API key of the configuration. */
export const apiKeyEntry = z
  .strictObject({
    secret: secret.optional().describe('The key itself. Better: `hash`, or `secretFile`.'),
    secretFile: secretFile.optional().describe('The file that holds the key.'),
    hash: hash.optional().describe('The SHA-256 of the key, 64 hex digits; the key itself is then nowhere.'),
    previous: previousKey.optional().describe('The key that this one replaces, valid beside it.'),
    permissions: names.default([]).describe('What the key may do by itself.'),
    roles: names.default([]).describe('The roles of who has the key.'),
    attributes: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('What handlers and validators read of the caller.'),
    tenant: z.string().min(1).max(128).optional().describe('The tenant that the key belongs to.'),
    expiresAt: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When the key ends, as 2027-01-31T00:00:00Z. Never by default.'),
    disabled: z.boolean().default(false).describe('Refuses the key, without taking it out.'),
  })
  .superRefine((entry, context) => {
    const given = sourcesOf(entry);
    if (given.length > 1) {
      context.addIssue({ code: 'custom', message: `has ${given.join(' and ')}: keep one of them` });
    }
    if (entry.previous === undefined) return;
    const previous = sourcesOf(entry.previous);
    if (previous.length !== 1) {
      context.addIssue({ code: 'custom', path: ['previous'], message: 'needs one of secret, secretFile and hash' });
    }
    if (given.length === 0) {
      context.addIssue({ code: 'custom', path: ['previous'], message: 'needs secret, secretFile or hash beside it' });
    }
  });

/**
 * API keys by the id under which logs, audit and limits know them. In the short form the name is the key itself: an
 * entry without `secret`, `secretFile` and `hash`; its id is derived from a digest.
 */
export const apiKeysOptions = z
  .record(z.string().min(1).meta({ secret: true }), apiKeyEntry)
  .superRefine((entries, context) => {
    for (const [index, [name, entry]] of Object.entries(entries).entries()) {
      if (isShortForm(entry)) {
        // The name is the key, so it is not told.
        if (!SENDABLE_KEY.test(name)) {
          context.addIssue({ code: 'custom', message: `has as its entry ${index + 1} a key that ${UNSENDABLE}` });
        }
      } else if (!ID.test(name)) {
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'has a name that cannot be an id: 1 to 128 letters, digits and _ . : @ / -',
        });
      }
    }
  });

/** One API key of the configuration, complete. */
export type ApiKeyEntry = z.output<typeof apiKeyEntry>;

/** Whether the name of an entry is the key itself. */
export function isShortForm(entry: ApiKeyEntry): boolean {
  return sourcesOf(entry).length === 0;
}

function sourcesOf(from: {
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly hash?: string | undefined;
}): readonly string[] {
  return (['secret', 'secretFile', 'hash'] as const).filter((key) => from[key] !== undefined);
}

import { z } from 'zod';

/** The section `nodes.api`: where HTTP nodes may go. */
export const apiOptions = z.strictObject({
  allow: z
    .array(z.string().min(1).max(300))
    .default([])
    .describe(
      'Origins that HTTP nodes may ask: `https://api.example.com`, `https://*.example.com:8443`, `https://*` for every ' +
        'public host. Everything else is refused.',
    ),
  privateRanges: z
    .array(z.string().min(1).max(60))
    .default([])
    .describe('Ranges such as `10.1.0.0/16` that may be reached although they are not of the public internet.'),
  timeoutMs: z.int().min(1).max(600_000).default(30_000).describe('Longest time of one request, in milliseconds.'),
  maxResponseBytes: z
    .int()
    .min(1)
    .max(104_857_600)
    .default(10_485_760)
    .describe('Bytes of the largest answer that is read, decompressed.'),
  maxPages: z.int().min(1).max(10_000).default(100).describe('Pages that RESTClientNode fetches at most.'),
});

/** See {@link apiOptions}. */
export type ApiOptions = z.output<typeof apiOptions>;

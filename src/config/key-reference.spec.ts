import { expect, it } from 'vitest';
import { z } from 'zod';
import { keyReference } from './key-reference.js';

it('lists every key with type, default, variable and description', () => {
  const reference = keyReference({
    server: z
      .strictObject({
        port: z.int().min(0).max(65535).default(3000).describe('Where it listens | really'),
        publicUrl: z.url().optional().describe('How others reach it'),
        tls: z.strictObject({ key: z.string().meta({ secret: true }).default('none') }).prefault({}),
      })
      .describe('The server itself.'),
    auth: z.strictObject({
      issuer: z.string(),
      apiKeys: z.record(z.string(), z.strictObject({ roles: z.array(z.string()).default([]) })).default({}),
      sinks: z.array(z.strictObject({ path: z.string() })).default([]),
    }),
  });
  expect(reference).toBe(`### server

The server itself.

| Key | Type | Default | Environment variable | Description |
| --- | --- | --- | --- | --- |
| \`server.port\` | a whole number from 0 to 65535 | \`3000\` | \`ROOKERY_SERVER__PORT\` | Where it listens \\| really |
| \`server.publicUrl\` | text |  | \`ROOKERY_SERVER__PUBLIC_URL\` | How others reach it |
| \`server.tls.key\` | text | \`***\` | \`ROOKERY_SERVER__TLS__KEY\` |  |

### auth

| Key | Type | Default | Environment variable | Description |
| --- | --- | --- | --- | --- |
| \`auth.issuer\` | text | **required** | \`ROOKERY_AUTH__ISSUER\` |  |
| \`auth.apiKeys\` | a map of names | \`{}\` | files only |  |
| \`auth.apiKeys.<name>.roles\` | a list of texts | \`[]\` | files only |  |
| \`auth.sinks\` | a list of groups of keys | \`[]\` | \`ROOKERY_AUTH__SINKS\` |  |
| \`auth.sinks[].path\` | text | **required** | files only |  |
`);
});

import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sections } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/index.js';
import { crossChecks } from '../../src/cross-checks.js';

const guide = join(import.meta.dirname, '../../docs/guide');

/** What the variables of the samples may stand for. */
const VARIABLES: Readonly<Record<string, string>> = {
  JWT_SECRET_KEY: 'Zm9yIHRlc3RzIG9ubHk6IDMyIGJ5dGVzIG9mIGl0',
  JWT_ISSUER: 'https://id.example.com',
  JWT_AUDIENCE: 'https://mcp.example.com/mcp',
  JWKS_URL: 'https://id.example.com/keys',
  ENTRA_TENANT: '00000000-0000-4000-8000-000000000000',
  ENTRA_CLIENT_ID: '00000000-0000-4000-8000-000000000001',
  AUDIT_KEY: 'for tests only: at least 32 characters of it',
  TOKEN_ENCRYPTION_KEY: 'for tests only: at least 32 characters of it',
  CRM_CLIENT_SECRET: 'for tests only',
  STATE_KEY: 'for tests only: at least 32 characters of it',
  DATABASE_URL: 'postgres://rookery:secret@127.0.0.1:5432/rookery',
  REDIS_URL: 'redis://127.0.0.1:6379',
};

const samples = readdirSync(guide)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    Array.from(
      readFileSync(join(guide, name), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm),
      ([, text = ''], index) => ({
        name: `${name}, sample ${index + 1}`,
        text,
      }),
    ),
  )
  // A file of something else than the application's configuration.
  .filter(({ text }) => Object.keys(parse(text) as object).every((key) => Object.hasOwn(sections, key)));

it('there are samples of configuration', () => {
  expect(samples.map(({ name }) => name)).toContain('deployment.md, sample 1');
  expect(samples.length).toBeGreaterThan(15);
});

describe('a sample of configuration', () => {
  it.each(samples)('is one: $name', async ({ text }) => {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-sample-'));
    try {
      await writeFile(join(folder, 'sample.yaml'), text);
      const env = { ...VARIABLES, ROOKERY_CONFIG: 'sample.yaml' };
      const config = loadConfig(sections, { env, cwd: folder, packageDirectory: folder }, crossChecks);
      expect(config).toHaveProperty('server.name');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fileInput, fileOutput } from './files.schema.js';
import { filesOptions } from './files.options.js';

describe('the schemas of secure_file_operation', () => {
  it('[S5] give one shape for each operation, and an object at the root', () => {
    const listed = z.toJSONSchema(fileOutput, { io: 'output' });
    expect(listed).toMatchObject({ type: 'object' });
    expect(listed.oneOf ?? listed.anyOf).toHaveLength(4);
  });

  it('[A9] mark the content as sensitive, so that no record has it', () => {
    expect(z.toJSONSchema(fileInput).properties?.['content']).toMatchObject({ sensitive: true });
  });
});

describe('the section files', () => {
  it('has a default for everything', () => {
    expect(filesOptions.parse({})).toEqual({ enabled: true, roots: {}, maxFileSize: 1_048_576, maxEntries: 1_000 });
    expect(filesOptions.parse({ roots: { data: { path: 'd' } } }).roots).toEqual({
      data: { path: 'd', write: false, delete: false },
    });
  });

  it.each([
    { roots: { 'a/b': { path: 'd' } } },
    { roots: { '..': { path: 'd' } } },
    { maxFileSize: -1 },
    { roots: { a: {} } },
  ])('[S2] refuses %j', (options) => {
    expect(filesOptions.safeParse(options).success).toBe(false);
  });
});

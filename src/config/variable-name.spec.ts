import { expect, it } from 'vitest';
import { screamingSnake, variableName } from './variable-name.js';

it.each([
  ['defaultTtl', 'DEFAULT_TTL'],
  ['url', 'URL'],
  ['publicURL', 'PUBLIC_URL'],
  ['httpURLPath', 'HTTP_URL_PATH'],
  ['s3Bucket', 'S3_BUCKET'],
  ['snake_case-name', 'SNAKE_CASE_NAME'],
])('writes %s as %s', (key, name) => {
  expect(screamingSnake(key)).toBe(name);
});

it('joins groups with two underscores', () => {
  expect(variableName(['cache', 'redis', 'maxSize'])).toBe('ROOKERY_CACHE__REDIS__MAX_SIZE');
});

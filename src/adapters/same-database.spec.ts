import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSameDatabase } from './same-database.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-same-'));
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real/a.db'), '');
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  linkSync(join(folder, 'real/a.db'), join(folder, 'hard.db'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('two URLs', () => {
  it.each([
    ['file:REAL/a.db', 'file:REAL/../real/./a.db'],
    ['file:REAL/a.db', 'file://LINK/a.db'],
    ['file:REAL/a.db', 'file:HARD'],
    ['file:REAL/not-yet.db', 'file:LINK/not-yet.db'],
    ['postgres://a:b@db.example.com/rookery', 'postgresql://other@DB.example.com.:5432/rookery?sslmode=require'],
    ['postgres://localhost/rookery', 'postgres://a:b@127.0.0.1:5432/rookery'],
    ['postgres://db/x', 'postgres://elsewhere/x?host=db'],
    ['postgres://rookery@db', 'postgres://other@db/rookery'],
    ['postgres://db/rook%65ry', 'postgres://db/rookery'],
  ])('name one database: %s and %s', (one, other) => {
    expect(isSameDatabase(at(one), at(other))).toBe(true);
  });

  it.each([
    ['file:REAL/a.db', 'file:REAL/b.db'],
    ['memory:', 'memory:'],
    ['postgres://db/x', 'postgres://db/y'],
    ['postgres://db/x', 'postgres://db:5433/x'],
    ['postgres://db/x', 'file:REAL/x'],
  ])('name two: %s and %s', (one, other) => {
    expect(isSameDatabase(at(one), at(other))).toBe(false);
  });
});

function at(url: string): string {
  return url
    .replace('REAL', join(folder, 'real'))
    .replace('LINK', join(folder, 'link'))
    .replace('HARD', join(folder, 'hard.db'));
}

import { describe, expect, it } from 'vitest';
import { Statements, readStatement } from './statement.js';

/** The statement with its parameters marked. */
function marked(sql: string): string {
  const { marks } = readStatement(sql);
  return marks.reduce((text, mark) => `${text.slice(0, mark)}¿${text.slice(mark + 1)}`, sql);
}

describe('readStatement', () => {
  it.each([
    ['SELECT ?, ?', 'SELECT ¿, ¿'],
    ["SELECT '?', ?", "SELECT '?', ¿"],
    ["SELECT 'it''s ?', ?", "SELECT 'it''s ?', ¿"],
    ['SELECT "a?""?", ?', 'SELECT "a?""?", ¿'],
    ["SELECT E'it\\'s ?', ?", "SELECT E'it\\'s ?', ¿"],
    ["SELECT e'\\\\', ?", "SELECT e'\\\\', ¿"],
    ["SELECT DATE'2026-01-01\\', ?", "SELECT DATE'2026-01-01\\', ¿"],
    ['SELECT ? -- and ?\n, ?', 'SELECT ¿ -- and ?\n, ¿'],
    ['SELECT ? -- and ?', 'SELECT ¿ -- and ?'],
    ['SELECT /* ? /* ? */ ? */ ?', 'SELECT /* ? /* ? */ ? */ ¿'],
    ['SELECT $$ ? $$, ?', 'SELECT $$ ? $$, ¿'],
    ['SELECT $a$ ? $$ ? $a$, ?', 'SELECT $a$ ? $$ ? $a$, ¿'],
    ['SELECT a$b$ + ?', 'SELECT a$b$ + ¿'],
    ["SELECT ?, 'never closed ?", "SELECT ¿, 'never closed ?"],
    ['SELECT ?, /* never closed ?', 'SELECT ¿, /* never closed ?'],
    ['SELECT ?, $$ never closed ?', 'SELECT ¿, $$ never closed ?'],
  ])('finds the parameters of %s', (sql, expected) => expect(marked(sql)).toBe(expected));

  it.each([
    ['select 1', false, false],
    ['INSERT INTO a VALUES (1)', true, false],
    ['insert into a values (1) returning id', true, true],
    ["UPDATE a SET b = 'returning'", true, false],
    ['WITH b AS (SELECT 1) SELECT * FROM b', false, false],
    ['WITH b AS (SELECT 1) DELETE FROM a RETURNING id', true, true],
    ['-- insert\nSELECT returning FROM a', false, false],
    ['PRAGMA foreign_keys', false, false],
    ['CREATE TABLE a (id BIGINT)', true, false],
  ])('sees what %s does', (sql, writes, returning) => {
    expect(readStatement(sql)).toMatchObject({ writes, returning });
  });

  it('refuses what is not one statement, and what belongs to transactions', () => {
    for (const sql of ['', '  ', '-- nothing', '/* ? */', '?']) expect(() => readStatement(sql)).toThrow(/is empty/);
    for (const sql of ['SELECT 1; SELECT 2', 'DELETE FROM a;;DELETE FROM b', "SELECT ';' ; x"]) {
      expect(() => readStatement(sql)).toThrow(/one by one/);
    }
    for (const sql of ['begin', 'COMMIT;', 'Rollback TO a', '/* */ SAVEPOINT a', 'START TRANSACTION']) {
      expect(() => readStatement(sql)).toThrow(/use transaction\(work\)/);
    }
    expect(readStatement("SELECT ';';").keyword).toBe('SELECT');
    expect(readStatement('CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END').writes).toBe(true);
  });
});

describe('Statements', () => {
  it('reads a statement once, and keeps those that were used last', () => {
    const statements = new Statements(2);
    const first = statements.read('SELECT 1');
    statements.read('SELECT 2');
    expect(statements.read('SELECT 1')).toBe(first);
    statements.read('SELECT 3');
    expect(statements.read('SELECT 1')).toBe(first);
    statements.read('SELECT 4');
    statements.read('SELECT 5');
    expect(statements.read('SELECT 1')).not.toBe(first);
  });
});

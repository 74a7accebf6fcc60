import type { Migration } from '../migrations.js';

const tables = (text: string): readonly string[] => [
  `CREATE TABLE audit_records (
  writer ${text} NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  hash TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (writer, seq)
)`,
  'CREATE INDEX audit_records_at ON audit_records (at)',
  `CREATE TABLE audit_anchors (
  writer ${text} PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL,
  places TEXT NOT NULL
)`,
];

/** The tables of the audit trail: `audit_records` of the database sink, and `audit_anchors` of the store. */
export const AUDIT_MIGRATIONS: readonly Migration[] = [
  { id: '0004-audit', sql: { libsql: tables('TEXT'), postgres: tables('TEXT COLLATE "C"') } },
];

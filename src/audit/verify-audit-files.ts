import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditAnchors } from './audit-anchors.js';
import { AuditFiles, auditPathOnHost, byName, readAuditLines } from './audit-files.js';
import type { AuditLine } from './audit-sink.js';
import { verifyAuditLines } from './audit-verifier.js';
import type { AuditVerification } from './verification.js';

/** What {@link verifyAuditFiles} goes by, besides the files. */
export interface VerifyFilesOptions {
  /** The `audit.key` with which the trail was written. */
  readonly key?: string | undefined;
  /** Where heads were anchored: without it, the loss of a trail's end may look like a crash. */
  readonly anchors?: Pick<AuditAnchors, 'all'> | undefined;
}

/**
 * Verifies audit files: those named, those of folders named, and for the `path` of a file sink all that it wrote.
 *
 * A trail that is cut is only known to be so from its anchors, or from a later trail beside it. Anchors of trails that
 * belong elsewhere are passed over: a copy of files is compared with the anchors of where they were written.
 *
 * @throws Error when a path leads to no file
 */
export async function verifyAuditFiles(
  paths: string | readonly string[],
  { key, anchors }: VerifyFilesOptions = {},
): Promise<AuditVerification> {
  const files = (await Promise.all([paths].flat().map(filesAt))).flat();
  const read = async function* (): AsyncIterable<AuditLine> {
    for (const file of files) yield* readAuditLines(file, file);
  };
  const where = [paths].flat().map(auditPathOnHost);
  return verifyAuditLines(read, 'file', { key, heads: await anchors?.all(), where });
}

async function filesAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  if (found?.isDirectory() === true) {
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    if (names.length > 0) return names.toSorted(byName).map((name) => join(path, name));
  }
  const written = await new AuditFiles(path).list();
  if (written.length > 0) return written.map((file) => file.path);
  throw new Error(
    `There are no audit files at ${path}. Name a file, a folder, or the path of the sink in audit.sinks.`,
  );
}

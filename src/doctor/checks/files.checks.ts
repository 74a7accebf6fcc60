import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCAL_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorConfig } from '../doctor-subject.js';
import { fail, ok, warn, type Finding } from '../finding.js';
import { freeBytes, mayWriteInto, nearestThere, probeWritable } from '../folders.js';
import { reasonOf } from '../probe-tcp.js';
import { auditFilesOf } from './posture.checks.js';

/** Whether audit files can be written where they are to be. */
export const auditFolders: ConfiguredFamily = {
  name: 'audit_folders',
  group: 'files',
  atStart: 'local',
  absent: 'audit.sinks has no file.',
  checks: ({ config: { audit } }) => {
    const folders = [...new Set(auditFilesOf(audit).map((path) => resolve(dirname(path))))];
    if (folders.length === 0) return [];
    const look = async (): Promise<readonly Finding[]> => await Promise.all(folders.map(takesFiles));
    return single('audit_folders', LOCAL_MS, look);
  },
};

async function takesFiles(folder: string): Promise<Finding> {
  const remedy = `Give the user whom the server runs as the right to write there: without audit files calls are refused.`;
  const nearest = await nearestThere(folder);
  if (nearest !== folder) {
    if (await mayWriteInto(nearest)) return ok(`${folder} is not there yet; the start makes it.`);
    return fail(`${folder} cannot be made: ${nearest} is not a folder that this user may write.`, remedy);
  }
  try {
    await probeWritable(folder);
    return ok(`${folder} can be written.`);
  } catch (error) {
    return fail(`${folder} cannot be written: ${reasonOf(error)}.`, remedy);
  }
}

/** Whether there is room where the server writes. */
export const disk: ConfiguredFamily = {
  name: 'disk',
  group: 'files',
  atStart: 'local',
  absent: '',
  checks: ({ config }) =>
    single('disk', LOCAL_MS, async () => {
      const folders = await Promise.all(writtenFolders(config).map(nearestThere));
      const { minFreeBytes } = config.monitoring.health.disk;
      return await Promise.all([...new Set(folders)].map(async (folder) => await hasRoom(folder, minFreeBytes)));
    }),
};

function writtenFolders({ audit, store, monitoring }: DoctorConfig): readonly string[] {
  const { url } = store;
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.replace(/^file:/, '');
  return [
    ...monitoring.health.disk.paths,
    ...auditFilesOf(audit).map((file) => dirname(file)),
    ...(url.startsWith('file:') ? [dirname(path)] : []),
  ];
}

async function hasRoom(folder: string, minFreeBytes: number): Promise<Finding> {
  const free = await freeBytes(folder);
  const megabytes = Math.floor(free / 1_048_576);
  if (free >= minFreeBytes) return ok(`${megabytes} MiB are free at ${folder}.`);
  const wanted = `monitoring.health.disk.minFreeBytes wants ${Math.ceil(minFreeBytes / 1_048_576)}`;
  return warn(`${megabytes} MiB are free at ${folder}; ${wanted}.`, 'Make room: old audit files, logs, results.');
}

/** Whether the folders that tools read and write are there. */
export const fileRoots: ConfiguredFamily = {
  name: 'file_roots',
  group: 'files',
  atStart: 'local',
  absent: 'No tool has a folder.',
  checks: ({ config }) => {
    const folders = rootsOf(config);
    if (folders.length === 0) return [];
    return single('file_roots', LOCAL_MS, async () => await Promise.all(folders.map(isUsable)));
  },
};

interface Root {
  readonly key: string;
  readonly path: string;
  readonly write: boolean;
}

function rootsOf({ files, knowledge, server }: DoctorConfig): readonly Root[] {
  const { folder } = server.skills;
  return [
    ...(files.enabled
      ? Object.entries(files.roots).map(([id, { path, write }]) => ({ key: `files.roots.${id}`, path, write }))
      : []),
    ...(knowledge.enabled
      ? knowledge.folders.map(({ name, path }) => ({ key: `knowledge.folders (${name})`, path, write: false }))
      : []),
    ...(folder === undefined ? [] : [{ key: 'server.skills.folder', path: folder, write: false }]),
  ];
}

async function isUsable({ key, path, write }: Root): Promise<Finding> {
  const folder = resolve(path);
  const remedy = `Correct ${key}, or give the user whom the server runs as the right.`;
  try {
    const status = await stat(folder);
    if (!status.isDirectory()) return fail(`${key}: ${folder} is not a folder.`, remedy);
    await access(folder, constants.R_OK | constants.X_OK | (write ? constants.W_OK : 0));
  } catch (error) {
    return fail(`${key}: ${folder} cannot be used: ${reasonOf(error)}.`, remedy);
  }
  if (dirname(folder) === folder) {
    return warn(`${key} is ${folder}, the whole machine.`, 'Name the folder that the tool is for.');
  }
  return ok(`${key}: ${folder} can be ${write ? 'written' : 'read'}.`);
}

import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { LOCAL_MS, single, type HostFamily } from '../doctor-check.js';
import { ok, skipped, warn, type Finding } from '../finding.js';

const MIB = 1_048_576;
/** Under this a busy server does not live long. */
const LEAST_FREE = 256 * MIB;
/** Where Linux says what a process may have. */
const LIMITS = '/proc/self/limits';

/** Whether the process may open as many files as it takes connections. */
export const openFiles: HostFamily = {
  name: 'open_files',
  group: 'machine',
  atStart: 'local',
  absent: '',
  checks: (subject) =>
    single('open_files', LOCAL_MS, async () => {
      const text = await readFile(LIMITS, 'utf8').catch(() => '');
      return [judgeOpenFiles(openFileLimit(text), subject?.config.server.connections.max)];
    }),
};

/** The limit in the text of `/proc/self/limits`. */
export function openFileLimit(text: string): number | undefined {
  const limit = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1];
  if (limit === undefined) return undefined;
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

/** Judges the limit by the connections that the server takes. */
export function judgeOpenFiles(limit: number | undefined, connections = 0): Finding {
  if (limit === undefined) return skipped('This system does not tell the limit of open files.');
  if (limit >= connections) return ok(`The process may open ${limit} files.`);
  return warn(
    `The process may open ${limit} files, and server.connections.max takes ${connections} connections.`,
    `Raise the limit (LimitNOFILE in systemd, ulimit -n), or lower server.connections.max.`,
  );
}

/** How much memory there is, for the heap as it may grow. */
export const memory: HostFamily = {
  name: 'memory',
  group: 'machine',
  atStart: 'local',
  absent: '',
  checks: () => single('memory', LOCAL_MS, () => judgeMemory(memoryNow())),
};

/** Memory, in bytes. */
export interface Memory {
  /** What the machine has, or the container may have. */
  readonly total: number;
  readonly free: number;
  /** The largest heap that Node makes. */
  readonly heapLimit: number;
}

function memoryNow(): Memory {
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  // A container's limit says nothing about what of it is free; the machine's says the most there can be.
  return { total, free: Math.min(freemem(), total), heapLimit: getHeapStatistics().heap_size_limit };
}

/** Judges what there is. */
export function judgeMemory({ total, free, heapLimit }: Memory): readonly Finding[] {
  const size = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
  const findings: Finding[] = [];
  if (heapLimit > total) {
    const remedy = `Start Node with --max-old-space-size=${Math.floor((total * 0.75) / MIB)}, so that it collects before it is killed.`;
    findings.push(warn(`The heap may grow to ${size(heapLimit)}, more than the ${size(total)} there are.`, remedy));
  }
  if (free < LEAST_FREE) {
    findings.push(warn(`Only ${size(free)} of memory are free.`, 'Give the machine or container more.'));
  }
  return findings.length > 0
    ? findings
    : [ok(`${size(free)} of ${size(total)} are free; the heap takes ${size(heapLimit)} at most.`)];
}

import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { ConfigSource } from './config-source.js';
import type { FileText } from './environment.js';

/** A file that may hold configuration. */
export interface ConfigFile {
  readonly path: string;
  /** How faults name it: relative to the working directory when it is inside. */
  readonly label: string;
  /** Who asked for it; a file that was asked for must exist. */
  readonly askedBy?: string | undefined;
}

const LARGEST_FILE = 1024 * 1024;
const ENVIRONMENT_NAME = /^[\w-]+$/;

/**
 * The files of a configuration, the weakest first: `config/default.yaml`, `config/${NODE_ENV}.yaml`, those of
 * `ROOKERY_CONFIG`, those of the command line.
 *
 * `config/` is the working directory's; the package's own stands in for it as a whole, never file by file.
 */
export function configFiles(source: ConfigSource): readonly ConfigFile[] {
  const own = join(source.cwd, 'config');
  const directory = isDirectory(own) ? own : join(source.packageDirectory, 'config');
  const names = ['default', environmentName(source)].filter((name) => ENVIRONMENT_NAME.test(name));
  const asked = (list: readonly string[], askedBy: string) =>
    list.map((file) => ({ path: resolve(source.cwd, file), label: labelOf(source, file), askedBy }));
  return [
    ...names.map((name) => ({
      path: join(directory, `${name}.yaml`),
      label: labelOf(source, join(directory, `${name}.yaml`)),
    })),
    ...asked(splitList(source.env['ROOKERY_CONFIG']), 'ROOKERY_CONFIG'),
    ...asked(source.files ?? [], '--config'),
  ];
}

/** `NODE_ENV`, or `development`. */
export function environmentName(source: ConfigSource): string {
  return source.env['NODE_ENV'] || 'development';
}

/** Whether `NODE_ENV` may be part of a file's name. */
export function isEnvironmentName(name: string): boolean {
  return ENVIRONMENT_NAME.test(name);
}

/** Whether there is anything at a path. */
export function fileExists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Reads a small regular file; what can't be read gives a reason instead. */
export function readTextFile(path: string): FileText {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { ok: false, reason: `${path} is not a regular file` };
    if (stat.size > LARGEST_FILE) return { ok: false, reason: `${path} is larger than 1 MiB` };
    return { ok: true, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { ok: false, reason: code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${code})` };
  }
}

/** What a secret's file holds: editors and `echo` end it with a newline that is not meant. */
export function readValueFile(path: string): FileText {
  const file = readTextFile(path);
  return file.ok ? { ok: true, text: file.text.replace(/(\r?\n)+$/, '') } : file;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function splitList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function labelOf(source: ConfigSource, file: string): string {
  const path = resolve(source.cwd, file);
  const inside = relative(source.cwd, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

import { readFile, stat } from 'node:fs/promises';
import { LOCAL_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorSubject } from '../doctor-subject.js';
import { orOk, warn, type Finding } from '../finding.js';

/** Larger files hold no configuration. */
const LARGEST = 1_048_576;
const OTHERS_READ = 0o004;

/** Whether files with secrets can be read by others on the machine. Files of API keys are looked at as credentials. */
export const secretFiles: ConfiguredFamily = {
  name: 'secret_files',
  group: 'posture',
  atStart: 'local',
  absent: '',
  checks: (subject) => single('secret_files', LOCAL_MS, async () => await judge(subject)),
};

async function judge({ config, secrets, sourceFiles }: DoctorSubject): Promise<readonly Finding[]> {
  const { apiKeys: _, ...auth } = config.auth;
  const named = filesNamedIn({ ...config, auth }).map(
    async ({ key, path }) => await readableByOthers(path, key, 'a secret'),
  );
  const files = sourceFiles.map(async ({ path, label }) => {
    const text = await smallText(path);
    const held = text === undefined ? undefined : secrets.find((secret) => text.includes(secret));
    return held === undefined ? [] : await readableByOthers(path, label, 'a secret in plain text');
  });
  const findings = await Promise.all([...named, ...files]);
  return orOk(findings.flat(), 'No file with a secret can be read by others.');
}

/** Keys that name a file which is a secret as a whole. */
const SECRET_FILE_KEYS: ReadonlySet<string> = new Set(['secretFile', 'keyFile', 'apiKeyFile']);

function filesNamedIn(value: unknown, at = ''): readonly { readonly key: string; readonly path: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const key = at === '' ? name : `${at}.${name}`;
    const isSecret = SECRET_FILE_KEYS.has(name) || (name === 'file' && at.startsWith('nodes.secrets.'));
    return isSecret && typeof inner === 'string' ? [{ key, path: inner }] : filesNamedIn(inner, key);
  });
}

async function readableByOthers(path: string, label: string, what: string): Promise<readonly Finding[]> {
  if (process.platform === 'win32') return [];
  const status = await stat(path).catch(() => undefined);
  if (status === undefined || (status.mode & OTHERS_READ) === 0) return [];
  const mode = (status.mode & 0o777).toString(8);
  return [
    warn(
      `${label} holds ${what}, and everybody on the machine can read it (mode ${mode}).`,
      `chmod 600 ${path}; better, keep the secret in a file of its own: \`\${NAME}\` is also read from NAME_FILE.`,
    ),
  ];
}

async function smallText(path: string): Promise<string | undefined> {
  try {
    const status = await stat(path);
    return status.isFile() && status.size <= LARGEST ? await readFile(path, 'utf8') : undefined;
  } catch {
    // A file that may be absent; what must be there is a fault of the configuration.
    return undefined;
  }
}

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { packageInfo } from '../../config/index.js';
import { LOCAL_MS, single, type HostFamily } from '../doctor-check.js';
import type { DoctorConfig } from '../doctor-subject.js';
import { fail, ok, orOk, warn, type Finding } from '../finding.js';
import { isInRange } from '../version-range.js';

const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  engines: z.object({ node: z.string() }),
  dependencies: versions,
  peerDependencies: versions,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().default(false) })).default({}),
});

/** What the package says it needs. */
export type Manifest = z.output<typeof manifest>;

/** Reads what this installation of the package needs. */
export function ownManifest(): Manifest {
  return manifest.parse(JSON.parse(readFileSync(join(packageInfo().directory, 'package.json'), 'utf8')));
}

/** Whether Node is one that the package runs on. */
export const nodeVersion: HostFamily = {
  name: 'node_version',
  group: 'machine',
  atStart: 'local',
  absent: '',
  checks: () => single('node_version', LOCAL_MS, () => [judgeNode(process.version, ownManifest().engines.node)]),
};

/** Judges a version of Node by what `engines` asks for. */
export function judgeNode(version: string, range: string): Finding {
  if (isInRange(version, range)) return ok(`Node ${version} is in ${range}.`);
  return fail(`Node ${version} is not in ${range}.`, `Install a Node that is: ${range}.`);
}

/** Whether the packages are there, in versions that fit together, and those that the configuration needs. */
export const packages: HostFamily = {
  name: 'packages',
  group: 'machine',
  atStart: 'local',
  absent: '',
  checks: (subject) =>
    single('packages', LOCAL_MS, () => {
      const needed = subject === undefined ? new Map<string, string>() : neededPackages(subject.config);
      const { directory } = packageInfo();
      return judgePackages(ownManifest(), needed, (name) => installedVersion(name, directory));
    }),
};

/** Packages that are optional, by what in the configuration needs them. */
export function neededPackages({ redis, cache, store, transports }: DoctorConfig): ReadonlyMap<string, string> {
  const urls = [store.url, ...Object.values(store.connections)];
  const needed: (readonly [name: string, by: string])[] = [
    ...(redis.url === undefined ? [] : ([['ioredis', 'redis.url']] as const)),
    ...(cache.backend === 'redis' ? ([['@keyv/redis', 'cache.backend: redis']] as const) : []),
    ...(urls.some((url) => url.startsWith('postgres')) ? ([['pg', 'a postgres: URL in store']] as const) : []),
    ...(transports.adapter === 'sdk' ? ([['@modelcontextprotocol/sdk', 'transports.adapter: sdk']] as const) : []),
  ];
  return new Map(needed);
}

/** Judges what is installed. `versionOf` knows the version of a package, or that it is not there. */
export function judgePackages(
  { dependencies, peerDependencies, peerDependenciesMeta }: Manifest,
  needed: ReadonlyMap<string, string>,
  versionOf: (name: string) => string | undefined,
): readonly Finding[] {
  const findings = Object.entries({ ...dependencies, ...peerDependencies }).flatMap(([name, range]): Finding[] => {
    const version = versionOf(name);
    const install = `Run: npm install ${name}@${range}`;
    if (version === undefined) {
      const by = needed.get(name);
      if (by !== undefined) return [fail(`${by} needs the package ${name}, which is not installed.`, install)];
      if (peerDependenciesMeta[name]?.optional === true) return [];
      return [fail(`The package ${name} is not installed.`, install)];
    }
    if (isInRange(version, range)) return [];
    return [warn(`${name} ${version} is installed, and ${range} is what Rookery is tested with.`, install)];
  });
  return orOk(findings, 'The packages that are needed are there, in versions that fit together.');
}

/** Looks where Node looks, without asking the package's `exports`, which seldom let one read its manifest. */
function installedVersion(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const version = versionIn(join(folder, 'node_modules', name, 'package.json'));
    if (version !== undefined || dirname(folder) === folder) return version;
  }
}

function versionIn(path: string): string | undefined {
  try {
    return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
  } catch {
    return undefined;
  }
}

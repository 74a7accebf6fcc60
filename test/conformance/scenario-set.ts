import { join } from 'node:path';
import { repository } from '../perf/repository.js';

/** Scenarios of an official suite that are run together, and how many they must be. */
export interface ScenarioSet {
  readonly name: string;
  /** The folder whose lockfile names the suite. */
  readonly folder: string;
  /** The adapter with which the fixture server serves the revisions before 2026. */
  readonly adapter: 'native' | 'sdk';
  /** What chooses the set on the suite's command line: to run it, and to list its scenarios. */
  readonly run: readonly string[];
  readonly list: readonly string[];
  /** Those that count for the revision, or all where nothing is scored. */
  readonly scored: number;
  /** Those that are run beside them. */
  readonly unscored: number;
}

const newest = join(repository, 'test/conformance/suites/0.2.0-alpha.12');
const stable = join(repository, 'test/conformance/suites/0.1.16');
const native = { adapter: 'native' } as const;
const everything = { ...native, run: ['--suite', 'all'], list: ['--server'], unscored: 0 };

function requirements(revision: string): Pick<ScenarioSet, 'name' | 'folder' | 'adapter' | 'run' | 'list'> {
  const chosen = ['--requirements', revision];
  return { ...native, name: revision, folder: newest, run: chosen, list: chosen };
}

/**
 * All that the official suites have for servers: what each revision requires, then every scenario of either version;
 * and what the `sdk` adapter must do as well.
 */
export const scenarioSets: readonly ScenarioSet[] = [
  { ...requirements('2025-11-25'), scored: 30, unscored: 3 },
  { ...requirements('2026-07-28'), scored: 37, unscored: 13 },
  { ...everything, name: '0.2.0-alpha.12', folder: newest, scored: 65 },
  { ...everything, name: '0.1.16', folder: stable, scored: 32 },
  { ...requirements('2025-11-25'), name: '2025-11-25-sdk', adapter: 'sdk', scored: 30, unscored: 3 },
];

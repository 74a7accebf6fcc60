import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');
const rules = join(repository, '.dependency-cruiser.cjs');

/** Every import below `root` that a rule forbids, as `rule: from → to`. */
export async function violationsIn(root: string): Promise<readonly string[]> {
  const { enhancedResolveOptions, ...options } = await extractDepcruiseOptions(rules);
  const { output } = await cruise(
    ['src', 'examples'].filter((folder) => existsSync(join(root, folder))),
    { ...options, baseDir: root },
    enhancedResolveOptions,
    { tsConfig: extractTsConfig(join(repository, 'tsconfig.json')) },
  );
  const { summary } = output as ICruiseResult;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).toSorted();
}

/** The names of the rules. */
export async function ruleNames(): Promise<readonly string[]> {
  const { ruleSet } = await extractDepcruiseOptions(rules);
  return [...new Set(ruleSet?.forbidden?.flatMap(({ name }) => name ?? []))].toSorted();
}

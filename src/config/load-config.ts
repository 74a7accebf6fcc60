import { resolve } from 'node:path';
import {
  configFiles,
  environmentName,
  fileExists,
  isEnvironmentName,
  readTextFile,
  readValueFile,
} from './config-files.js';
import { processSource, type ConfigSource } from './config-source.js';
import { readEnvironment, readLeaf } from './environment.js';
import { FaultList } from './fault-list.js';
import type { VariableLookup } from './interpolate.js';
import { emptyLayer, nearest, type Located } from './located.js';
import { merge } from './merge.js';
import { resolveValues } from './resolve-values.js';
import type { Config, ConfigSections, ObjectNode } from './schema-node.js';
import { sectionsTree } from './schema-tree.js';
import { nodeAt } from './schema-walk.js';
import { validateSections } from './validate-sections.js';
import { parseYamlFile } from './yaml-file.js';

/**
 * Reads, merges and validates the whole configuration: defaults of the schemas < `config/default.yaml` <
 * `config/${NODE_ENV}.yaml` < files in `ROOKERY_CONFIG` < `ROOKERY_<SECTION>__<KEY>` < `…_FILE` < command line.
 *
 * The result is frozen. It is read once, at start; nothing is watched.
 *
 * @throws ConfigurationError naming every fault at once
 */
export function loadConfig<S extends ConfigSections>(
  sections: S,
  source: ConfigSource = processSource(),
  checks: readonly CrossCheck<S>[] = [],
): Config<S> {
  const tree = sectionsTree(sections);
  const faults = new FaultList(tree);
  const files = readFiles(source, faults);
  const complete = faults.empty;
  const layers = [
    ...files,
    ...readEnvironment(tree, source.env, (path) => readValueFile(resolve(source.cwd, path)), faults),
    readOverrides(source, tree, faults),
  ];
  const merged = layers.reduce(merge, emptyLayer());
  const values = resolveValues(merged, tree, variableLookup(source, faults), faults);
  const config = validateSections(sections, { values, merged, tree, complete }, faults);
  const situation = { production: environmentName(source) === 'production' };
  for (const check of checks) {
    if (check.needs.some((section) => config[section] === undefined)) continue;
    for (const { path, message } of check.faultsOf(config as Config<S>, situation)) {
      const label = nearest(merged, path)?.origin.label;
      faults.add(path, message, label === '' ? undefined : label);
    }
  }
  faults.throwIfAny();
  for (const check of checks) Object.assign(config, check.settled?.(config as Config<S>));
  return deepFreeze(config) as Config<S>;
}

/** Where the configuration is to be used. */
export interface ConfigSituation {
  /** Whether `NODE_ENV` is `production`. */
  readonly production: boolean;
}

/** What must hold between sections that are valid each. */
export interface CrossCheck<S extends ConfigSections, Needed extends keyof S & string = keyof S & string> {
  /** The sections that it looks at; it is passed over while one of them is not valid by itself. */
  readonly needs: readonly Needed[];
  /** What does not hold, by path. Never quotes a value. */
  faultsOf(
    config: Pick<Config<S>, Needed>,
    situation: ConfigSituation,
  ): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  /** The sections that another one has a say in, complete, once nothing is wrong: whoever reads them need not know it. */
  settled?(config: Pick<Config<S>, Needed>): Partial<Config<S>>;
}

function readFiles(source: ConfigSource, faults: FaultList): readonly Located[] {
  const environment = environmentName(source);
  if (!isEnvironmentName(environment)) {
    faults.addGeneral({
      path: '',
      origin: 'NODE_ENV',
      message: 'names a file of config/: only letters, digits, _ and - may be in it',
    });
  }
  return configFiles(source).flatMap(({ path, label, askedBy }) => {
    if (askedBy === undefined && !fileExists(path)) return [];
    const file = readTextFile(path);
    if (!file.ok) {
      faults.addGeneral({ path: '', origin: askedBy ?? label, message: file.reason });
      return [];
    }
    const parsed = parseYamlFile(file.text, label);
    parsed.faults.forEach((fault) => faults.addGeneral(fault));
    return parsed.located ?? [];
  });
}

function readOverrides(source: ConfigSource, tree: ObjectNode, faults: FaultList): Located {
  return (source.values ?? []).reduce((layer, { path, text, label }) => {
    const segments = path.split('.');
    const node = nodeAt(tree, segments);
    if (node !== undefined) return merge(layer, readLeaf(segments, node, text, label, faults));
    faults.add(segments, 'is not a known key', label);
    return layer;
  }, emptyLayer());
}

/** `${NAME}` is the variable, or the content of the file that `NAME_FILE` names. */
function variableLookup(source: ConfigSource, faults: FaultList): VariableLookup {
  return (name) => {
    const value = source.env[name];
    const path = source.env[`${name}_FILE`];
    if (value !== undefined || path === undefined) return value;
    const file = readValueFile(resolve(source.cwd, path));
    if (file.ok) return file.text;
    faults.addGeneral({ path: '', origin: `${name}_FILE`, message: file.reason });
    return undefined;
  };
}

/** Plain objects and lists only: what a schema made of a value (a key, a URL) keeps its own state. */
function deepFreeze<T>(value: T): T {
  if (Array.isArray(value)) value.forEach(deepFreeze);
  else if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  else Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

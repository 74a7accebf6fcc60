import type { FaultList } from './fault-list.js';
import { nearest } from './located.js';
import { REDACTED, secretTexts } from './redact-config.js';
import { schemaFaults, type ReadValues, type SchemaFault } from './schema-faults.js';
import type { ConfigSections } from './schema-node.js';
import { settableByVariable } from './schema-walk.js';

/** Shorter ones guard nothing, and replacing them would tear words apart. */
const SHORTEST_SECRET = 6;

/**
 * Checks every section by its schema. What is wrong goes on the list; what comes back counts only when nothing did.
 *
 * What could not even be read has its fault already, so it is not called missing too; nor is anything when a whole
 * file is unreadable, as it may be in there. A message of a schema's own may quote the value: secrets are masked in it.
 */
export function validateSections(
  sections: ConfigSections,
  read: ReadValues,
  faults: FaultList,
): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  const found: SchemaFault[] = [];
  for (const [name, schema] of Object.entries(sections)) {
    const result = schema.safeParse(read.values[name] ?? {});
    if (result.success) config[name] = result.data;
    else found.push(...result.error.issues.flatMap((issue) => schemaFaults(issue, [name], read)));
  }
  const told = found.filter(({ path, missing }) => !faults.covers(path) && (read.complete || !missing));
  const secrets = [...secretTexts(read.values, read.tree)].filter((secret) => secret.length >= SHORTEST_SECRET);
  for (const fault of told) {
    const message = secrets.reduce((text, secret) => text.replaceAll(secret, REDACTED), fault.message);
    faults.add(fault.path, message, originOf(fault, read), fault.suggestion);
  }
  return config;
}

/** A missing key was written nowhere; inside a map or a list it helps to know which entry lacks it. */
function originOf(fault: SchemaFault, { merged, tree }: ReadValues): string | undefined {
  if (fault.missing && settableByVariable(tree, fault.path)) return undefined;
  const label = nearest(merged, fault.path)?.origin.label;
  return label === '' ? undefined : label;
}

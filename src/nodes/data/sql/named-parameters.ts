import { InvalidArgumentsError } from '../../../core/index.js';

/** What a statement may be given. */
export type ParameterValue = string | number | boolean | null;

/** Literals, quoted names, comments and casts, in which nothing is a parameter; or one. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n\r]*|\/\*[\s\S]*?(?:\*\/|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|::|:([A-Za-z_]\w*)/g;

/**
 * Writes `?` where a statement has `:name`, and gives the values in that order.
 *
 * @throws InvalidArgumentsError for names without a value, and values without a name
 */
export function positional(
  sql: string,
  parameters: readonly ParameterValue[] | Readonly<Record<string, ParameterValue>>,
): { readonly sql: string; readonly values: readonly ParameterValue[] } {
  if (Array.isArray(parameters)) return { sql, values: parameters as readonly ParameterValue[] };
  const named = parameters as Readonly<Record<string, ParameterValue>>;
  const values: ParameterValue[] = [];
  const used = new Set<string>();
  const missing = new Set<string>();
  const written = sql.replace(TOKEN, (token: string, _tag: string | undefined, name: string | undefined) => {
    if (name === undefined) return token;
    used.add(name);
    if (!Object.hasOwn(named, name)) missing.add(name);
    values.push(named[name] ?? null);
    return '?';
  });
  const faults = [
    ...[...missing].map((name) => ({ path: `parameters.${name}`, message: 'is required: the query has it' })),
    ...Object.keys(named)
      .filter((name) => !used.has(name))
      .map((name) => ({ path: `parameters.${name.slice(0, 64)}`, message: 'is no parameter of the query' })),
  ];
  if (faults.length > 0) throw new InvalidArgumentsError(faults, 'parameters of SQLDatabaseNode');
  return { sql: written, values };
}

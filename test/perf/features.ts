/** The policies that can be switched on around the echo tool, in the order in which the cost table adds them. */
export const policies = [
  'auth',
  'permissions',
  'audit',
  'concurrency',
  'deadline',
  'limits',
  'breaker',
  'cache',
] as const;

/** Everything that can be switched on: the policies, and what watches calls. */
export const features = [...policies, 'metrics', 'tracing'] as const;

/** One of the features that a measured server can have. */
export type Feature = (typeof features)[number];

/** Names for sets of features that the benchmark measures often. */
const profiles: Readonly<Record<string, readonly Feature[]>> = {
  none: [],
  identity: ['auth', 'permissions', 'audit'],
  all: policies,
};

/** What there is, as a sentence for whoever asked for something else. */
export const policiesServed = `it is a list of ${[...Object.keys(profiles), ...features].join(',')}.`;

/** The features that `POLICIES` asks for: profiles and features, with commas; `undefined` for anything else. */
export function featuresOf(asked: string): ReadonlySet<Feature> | undefined {
  const found = new Set<Feature>();
  for (const name of asked.split(',')) {
    const feature = features.find((known) => known === name);
    const named = feature === undefined ? profiles[name] : [feature];
    if (named === undefined) return undefined;
    for (const each of named) found.add(each);
  }
  return found;
}

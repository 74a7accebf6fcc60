/** What can be switched on around the echo tool, in the order in which the cost table adds it. */
export const features = [
  'auth',
  'permissions',
  'audit',
  'concurrency',
  'deadline',
  'limits',
  'breaker',
  'cache',
] as const;

/** One of the policies that a measured server can have. */
export type Feature = (typeof features)[number];

/** Names for sets of features that the benchmark measures often. */
const profiles: Readonly<Record<string, readonly Feature[]>> = {
  none: [],
  identity: ['auth', 'permissions', 'audit'],
  all: features,
};

/** What there is, as a sentence for whoever asked for something else. */
export const policiesServed = `it is one of ${Object.keys(profiles).join(', ')}, or a list of ${features.join(',')}.`;

/** The features that `POLICIES` asks for: a profile, or features one by one with commas; `undefined` for anything else. */
export function featuresOf(policies: string): ReadonlySet<Feature> | undefined {
  const profile = profiles[policies];
  if (profile !== undefined) return new Set(profile);
  const names = policies.split(',');
  const known = features.filter((feature) => names.includes(feature));
  return known.length === names.length ? new Set(known) : undefined;
}

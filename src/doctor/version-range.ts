type Version = readonly [major: number, minor: number, patch: number];

/**
 * Whether a version is in a range as this package writes them: `1.2.3`, `^1.2.3`, `>=1.2`. A pre-release counts as what
 * it leads to.
 *
 * @throws Error for a range of another form
 */
export function isInRange(version: string, range: string): boolean {
  const match = /^(\^|>=)?\s*(\d+(?:\.\d+){0,2}(?:-[\w.-]+)?)$/.exec(range.trim());
  if (match === null) throw new Error(`The range "${range}" is not of a form that is known here: 1.2.3, ^1.2.3, >=1.2`);
  const [, operator, from = ''] = match;
  if (operator === undefined) return version === from;
  const [have, least] = [parsed(version), parsed(from)];
  if (compare(have, least) < 0) return false;
  return operator === '>=' || compare(have, following(least)) < 0;
}

/** The first version that `^` leaves out: the left-most number that is not 0 may not change. */
function following([major, minor, patch]: Version): Version {
  if (major > 0) return [major + 1, 0, 0];
  return minor > 0 ? [0, minor + 1, 0] : [0, 0, patch + 1];
}

function parsed(version: string): Version {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('-', 1).join('').split('.').map(Number);
  return [major, minor, patch];
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

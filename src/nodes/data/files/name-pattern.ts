/**
 * Whether a path matches a pattern: `*` stands for any part of a name, `?` for one character, `**` for any folders.
 *
 * Matching takes time in proportion to both lengths: no pattern is slow.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  return matches(path.split('/'), pattern.split('/'), (name, part) =>
    part === '**'
      ? undefined
      : matches(Array.from(name), Array.from(part), (character, sign) =>
          sign === '*' ? undefined : sign === '?' || sign === character,
        ),
  );
}

/** Greedy matching with one step back (to the last wildcard): `equal` says `undefined` for what stands for any number. */
function matches<T>(
  given: readonly T[],
  pattern: readonly T[],
  equal: (one: T, sign: T) => boolean | undefined,
): boolean {
  let at = 0;
  let sign = 0;
  let star = -1;
  let tried = 0;
  while (at < given.length) {
    const wanted = pattern[sign];
    const same = wanted === undefined ? false : equal(given[at] as T, wanted);
    if (same === undefined) {
      star = sign++;
      tried = at;
    } else if (same) {
      at++;
      sign++;
    } else if (star !== -1) {
      sign = star + 1;
      at = ++tried;
    } else {
      return false;
    }
  }
  return pattern.slice(sign).every((rest) => equal(given[0] as T, rest) === undefined);
}

/** Shorter ones guard nothing, and masking them would tear words apart. */
const SHORTEST = 6;

/** The texts of a value that its redacted form does not have: its secrets. Names of entries are not looked at. */
export function secretsBetween(value: unknown, redacted: unknown): readonly string[] {
  return [...new Set(differing(value, redacted))].filter((text) => text.length >= SHORTEST);
}

function* differing(value: unknown, redacted: unknown): Generator<string> {
  if (typeof value === 'string') {
    if (value !== redacted) yield* textAndPassword(value);
  } else if (typeof value === 'object' && value !== null) {
    const shown = typeof redacted === 'object' && redacted !== null ? Object.values(redacted) : [];
    for (const [index, inner] of Object.values(value).entries()) yield* differing(inner, shown[index] ?? redacted);
  }
}

/** Errors may quote the password of a URL without the rest. */
function* textAndPassword(text: string): Generator<string> {
  yield text;
  if (!URL.canParse(text)) return;
  const { password } = new URL(text);
  if (password === '') return;
  yield password;
  yield decodeURIComponent(password);
}

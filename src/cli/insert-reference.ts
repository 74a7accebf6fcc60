const START = '<!-- keys -->';
const END = '<!-- /keys -->';
/** Prettier would pad the tables, and the comparison of `--check` would fail. */
const IGNORE_START = '<!-- prettier-ignore-start -->';
const IGNORE_END = '<!-- prettier-ignore-end -->';

/** Puts the key reference between its two marks in a page; `undefined` when the page has no marks. */
export function insertReference(page: string, reference: string): string | undefined {
  const start = page.indexOf(START);
  const end = page.indexOf(END, start);
  if (start < 0 || end < 0) return undefined;
  const generated = [page.slice(0, start + START.length), IGNORE_START, reference.trim(), IGNORE_END, page.slice(end)];
  return generated.join('\n\n');
}

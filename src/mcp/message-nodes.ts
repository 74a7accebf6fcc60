/** `"`, `,`, `:`, `[` and `{`: behind each of the last four comes a value or a name. */
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BRACKET = 91;
const BRACE = 123;
const BACKSLASH = 92;

/**
 * Whether a JSON text holds at most so many values and property names. Reading and checking a message costs by their
 * number: 4 MiB of `[],` take `JSON.parse` 150 ms, this 2. A text too short to hold more costs nothing; what is no JSON
 * is told apart by `JSON.parse`.
 */
export function textHasAtMostNodes(text: string, limit: number): boolean {
  // Each takes a character, and one that separates it from the next.
  if (text.length < 2 * limit) return true;
  let nodes = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === COLON || code === BRACKET || code === BRACE) {
      if (++nodes > limit) return false;
    }
  }
  return true;
}

/** The same for what a framework in front has parsed. It must not be nested too deeply (`isNestedTooDeeply`). */
export function valueHasAtMostNodes(value: unknown, limit: number): boolean {
  let nodes = 0;
  const visit = (node: unknown): boolean => {
    if (++nodes > limit) return false;
    if (typeof node !== 'object' || node === null) return true;
    if (Array.isArray(node)) return (node as unknown[]).every(visit);
    for (const name in node) {
      nodes++;
      if (!visit((node as Readonly<Record<string, unknown>>)[name])) return false;
    }
    return true;
  };
  return visit(value);
}

/** A quote ends a string unless an odd number of backslashes stands before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

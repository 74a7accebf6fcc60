/** Finds the value of an environment variable. */
export type VariableLookup = (name: string) => string | undefined;

/** A text with its `${…}` replaced, or what could not be. */
export type Interpolated =
  | { readonly ok: true; readonly text: string; readonly replaced: boolean }
  | { readonly ok: false; readonly faults: readonly string[] };

const PLACEHOLDER = /\$?\$\{(?:([A-Za-z_]\w*)(?::-([^{}]*))?\}|)/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}`; as in a shell, the default also stands for an empty variable.
 * `$${` is a literal `${`. A default can't contain braces. What was replaced is not looked at again.
 */
export function interpolate(text: string, lookup: VariableLookup): Interpolated {
  if (!text.includes('${')) return { ok: true, text, replaced: false };
  const faults: string[] = [];
  let replaced = false;
  const result = text.replaceAll(
    PLACEHOLDER,
    (match: string, name: string | undefined, fallback: string | undefined) => {
      if (match.startsWith('$${')) return match.slice(1);
      if (name === undefined) {
        faults.push('has a ${ that is not ${NAME} or ${NAME:-default}; write $${ for a literal ${');
        return match;
      }
      const value = lookup(name);
      replaced = true;
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value === undefined)
        faults.push(`needs the environment variable ${name}, which is not set and has no default`);
      return value ?? '';
    },
  );
  return faults.length > 0 ? { ok: false, faults } : { ok: true, text: result, replaced };
}

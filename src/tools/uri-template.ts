/** Matches the URIs of a template. */
export interface UriTemplate {
  readonly source: string;
  readonly variables: readonly string[];
  /** The template's variables, percent-decoded; `undefined` when the URI is not one of the template's. */
  match(uri: string): Readonly<Record<string, string>> | undefined;
}

const EXPRESSION = /\{([^{}]*)\}/g;
const LONGEST_URI = 8_192;

/**
 * Compiles an RFC 6570 template of `{name}` (one path segment) and `{+path}` (several) expressions.
 *
 * A value that would leave its place is no match: a slash or a dot segment smuggled in by percent-encoding, a NUL.
 * Everything outside the braces stands for itself.
 *
 * @throws Error when the template uses another operator, or a name twice.
 */
export function compileUriTemplate(source: string): UriTemplate {
  const variables: { readonly name: string; readonly reserved: boolean }[] = [];
  const pattern = source
    .split(EXPRESSION)
    .map((part, index) => {
      if (index % 2 === 0) return escape(part);
      const [, operator, name] = /^(\+?)(\w+)$/.exec(part) ?? [];
      if (name === undefined) {
        throw new Error(`the URI template "${source}" uses "{${part}}"; only {name} and {+path} are served`);
      }
      if (variables.some((variable) => variable.name === name)) {
        throw new Error(`the URI template "${source}" names "${name}" twice`);
      }
      variables.push({ name, reserved: operator === '+' });
      return operator === '+' ? '(.+)' : '([^/?#]+)';
    })
    .join('');
  const expression = new RegExp(`^${pattern}$`, 's');
  return {
    source,
    variables: variables.map(({ name }) => name),
    match(uri) {
      if (uri.length > LONGEST_URI) return undefined;
      const found = expression.exec(uri);
      if (found === null) return undefined;
      const values: Record<string, string> = {};
      for (const [index, { name, reserved }] of variables.entries()) {
        const value = decode(found[index + 1] ?? '');
        if (value === undefined || !staysInPlace(value, reserved)) return undefined;
        values[name] = value;
      }
      return values;
    },
  };
}

function staysInPlace(value: string, reserved: boolean): boolean {
  if (value.includes('\0')) return false;
  const segments = value.split(/[/\\]/);
  if (!reserved && segments.length > 1) return false;
  return segments.every((segment) => segment !== '.' && segment !== '..');
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}

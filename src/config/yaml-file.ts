import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml';
import type { ConfigurationFault } from './configuration-error.js';
import { FORBIDDEN_KEYS, type Located, type LocatedMap, type Origin, type Scalar } from './located.js';

/** A file's values, or what is wrong with it. */
export interface ParsedFile {
  readonly located?: Located | undefined;
  readonly faults: readonly ConfigurationFault[];
}

const MAX_ALIASES = 100;
const MAX_DEPTH = 32;
const MAX_OPEN = 100;
/** Most of those after the first are its consequences. */
const MAX_SYNTAX_FAULTS = 10;

/** Fixed sentences for the codes whose own message would quote the file, and with it perhaps a secret. */
const UNQUOTED: Readonly<Record<string, string>> = {
  UNEXPECTED_TOKEN: 'has text here that YAML does not expect',
  BAD_DQ_ESCAPE: 'has an unknown escape sequence in a double-quoted text; write \\\\ for a backslash',
  BAD_DIRECTIVE: 'has a line beginning with % that YAML does not understand',
  TAG_RESOLVE_FAILED: 'has a tag (!…) that is not supported; put a text that begins with ! in quotes',
  DUPLICATE_KEY: 'has this key twice; the second would silently win',
};

/** Reads a YAML text as values that know their lines. Duplicate keys, tags and alias bombs are faults. */
export function parseYamlFile(text: string, name: string): ParsedFile {
  if (nestsDeeply(text)) return { faults: [{ path: '', origin: name, message: 'is nested too deeply' }] };
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, merge: false });
  } catch (error) {
    return {
      faults: [
        { path: '', origin: name, message: error instanceof RangeError ? 'is nested too deeply' : 'is not YAML' },
      ],
    };
  }
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return {
      faults: problems.slice(0, MAX_SYNTAX_FAULTS).map(({ code, message, pos }) => ({
        path: '',
        origin: `${name}:${lines.linePos(pos[0]).line}`,
        message: UNQUOTED[code] ?? `is not valid YAML: ${message}`,
      })),
    };
  }
  return new YamlReader(document, name, lines).read();
}

/**
 * The parser is recursive, and V8 ends the process when it compiles a regular expression on an exhausted stack: so
 * brackets that stay open and dashes in a row are counted before it sees them.
 */
function nestsDeeply(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open++;
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
    if (open > MAX_OPEN) return true;
  }
  return /(?:[-?][ \t]+){100}/.test(text);
}

/** Walks the syntax tree, which knows positions, instead of the plain value, which does not. */
class YamlReader {
  readonly #faults: ConfigurationFault[] = [];
  #aliases = 0;

  constructor(
    private readonly document: Document.Parsed,
    private readonly name: string,
    private readonly lines: LineCounter,
  ) {}

  read(): ParsedFile {
    const { contents } = this.document;
    const origin = { label: this.name, interpolated: true };
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      return { located: { origin, value: new Map() }, faults: [] };
    }
    if (!isMap(contents)) return { faults: [{ path: '', origin: this.name, message: 'must be a map of sections' }] };
    const located = this.#node(contents, origin, 0);
    return this.#faults.length > 0 ? { faults: this.#faults } : { located, faults: [] };
  }

  #node(node: unknown, origin: Origin, depth: number): Located {
    if (depth > MAX_DEPTH) return this.#fault(origin, `is nested deeper than ${MAX_DEPTH} levels`);
    if (isMap(node)) return { origin, value: this.#map(node.items, origin, depth) };
    if (isSeq(node))
      return { origin, value: node.items.map((item) => this.#node(item, this.#origin(item, origin), depth + 1)) };
    if (isAlias(node)) {
      if (++this.#aliases === MAX_ALIASES + 1) return this.#fault(origin, `uses more than ${MAX_ALIASES} aliases`);
      if (this.#aliases > MAX_ALIASES) return { origin, value: null };
      const aliased = node.resolve(this.document);
      return aliased === undefined
        ? this.#fault(origin, 'uses an alias without an anchor before it')
        : this.#node(aliased, origin, depth + 1);
    }
    return { origin, value: isScalar(node) ? (node.value as Scalar) : null };
  }

  #map(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    origin: Origin,
    depth: number,
  ): LocatedMap {
    const map = new Map<string, Located>();
    for (const { key, value } of pairs) {
      const where = this.#origin(key, origin);
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined) this.#fault(where, 'has a key that is not text');
      else if (FORBIDDEN_KEYS.has(name)) this.#fault(where, `has the key ${name}, which is not allowed`);
      else map.set(name, this.#node(value, where, depth + 1));
    }
    return map;
  }

  #origin(node: unknown, fallback: Origin): Origin {
    const start = (node as Node | null)?.range?.[0];
    return start === undefined
      ? fallback
      : { label: `${this.name}:${this.lines.linePos(start).line}`, interpolated: true };
  }

  #fault(origin: Origin, message: string): Located {
    this.#faults.push({ path: '', origin: origin.label, message });
    return { origin, value: null };
  }
}

import type { Section } from './section.js';

/** Of a heading, before it counts as a paragraph with a `#` in front. */
const MAX_HEADING = 300;
/** Between the headings of a title. */
const SEPARATOR = ' › ';

/**
 * Splits Markdown at its headings, of both kinds, leaving those in fenced code alone. Front matter is left out, except
 * for its title.
 *
 * Line by line and without backtracking, so that no document takes longer than its length.
 *
 * @param name - the title of what stands under no heading of the first level.
 */
export function markdownSections(text: string, name: string): readonly Section[] {
  const { body, title } = withoutFrontMatter(text);
  const collector = new SectionCollector(title ?? name);
  let fence: string | undefined;
  for (const line of body.split(/\r?\n/)) {
    const mark = fenceOf(line);
    if (fence === undefined && mark !== undefined) fence = mark.run;
    else if (fence !== undefined && mark?.bare === true && mark.run.startsWith(fence)) fence = undefined;
    const heading = fence === undefined && mark === undefined ? headingOf(line) : undefined;
    if (heading !== undefined) collector.heading(heading.level, heading.text);
    else if (fence !== undefined || !collector.underline(line)) collector.line(line);
  }
  return collector.finish();
}

/** Gathers lines under the headings that apply to them. */
class SectionCollector {
  readonly #sections: Section[] = [];
  readonly #headings = new Map<number, string>();
  #lines: string[] = [];

  constructor(private readonly name: string) {}

  heading(level: number, text: string): void {
    this.#close();
    for (const deeper of this.#headings.keys()) if (deeper >= level) this.#headings.delete(deeper);
    this.#headings.set(level, text);
  }

  line(line: string): void {
    this.#lines.push(line);
  }

  /** Whether a line of `===` or `---` turned the line above, a paragraph of its own, into a heading. */
  underline(line: string): boolean {
    const level = underlineLevel(line);
    const text = this.#lines.at(-1)?.trim() ?? '';
    const before = this.#lines.at(-2)?.trim() ?? '';
    if (level === undefined || text === '' || before !== '' || !startsParagraph(text)) return false;
    this.#lines.pop();
    this.heading(level, plain(text));
    return true;
  }

  /** A document of nothing but headings is still found by them. */
  finish(): readonly Section[] {
    this.#close();
    if (this.#sections.length > 0 || this.#headings.size === 0) return this.#sections;
    return [{ title: this.#title(), text: '' }];
  }

  #close(): void {
    const text = this.#lines.join('\n').trim();
    this.#lines = [];
    if (text !== '') this.#sections.push({ title: this.#title(), text });
  }

  #title(): string {
    const headings = [...this.#headings].toSorted(([one], [other]) => one - other).map(([, text]) => text);
    return (this.#headings.has(1) ? headings : [this.name, ...headings]).filter((text) => text !== '').join(SEPARATOR);
  }
}

const OPENING = /^ {0,3}(#{1,6})(?=[ \t]|$)/;

function headingOf(line: string): { readonly level: number; readonly text: string } | undefined {
  const marks = line.length > MAX_HEADING ? undefined : OPENING.exec(line)?.[1];
  if (marks === undefined) return undefined;
  const text = line.trim().slice(marks.length).trim();
  const open = text.replace(/#+$/, '');
  const closed = open === '' || open.endsWith(' ') || open.endsWith('\t') ? open.trim() : text;
  return { level: marks.length, text: plain(closed) };
}

function underlineLevel(line: string): number | undefined {
  if (line.length > MAX_HEADING) return undefined;
  const mark = /^ {0,3}(?:(=+)|-+)[ \t]*$/.exec(line);
  if (mark === null) return undefined;
  return mark[1] === undefined ? 2 : 1;
}

/** Under a list, a quote, a table or a heading, `---` is a rule. */
function startsParagraph(text: string): boolean {
  return text.length <= MAX_HEADING && !/^(?:[-*+>|#<]|\d+[.)])/.test(text);
}

function fenceOf(line: string): { readonly run: string; readonly bare: boolean } | undefined {
  const [, run, info] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (run === undefined || info === undefined || (run.startsWith('`') && info.includes('`'))) return undefined;
  return { run, bare: info.trim() === '' };
}

/** A heading as a reader sees it: the text of links, without code and emphasis marks. */
function plain(heading: string): string {
  return heading
    .replaceAll(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replaceAll(/[`*]|__/g, '')
    .trim();
}

function withoutFrontMatter(text: string): { readonly body: string; readonly title: string | undefined } {
  const opening = /^---[ \t]*\r?\n/.exec(text)?.[0];
  const end = opening === undefined ? null : /\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(text);
  if (opening === undefined || end === null) return { body: text, title: undefined };
  const matter = text.slice(opening.length, end.index);
  const title = /^title:[ \t]*(\S.*)$/m
    .exec(matter)?.[1]
    ?.trim()
    .replaceAll(/^["']|["']$/g, '')
    .slice(0, MAX_HEADING);
  return { body: text.slice(end.index + end[0].length), title };
}

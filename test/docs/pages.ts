import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A page of Markdown: where it stands, and what a reader can be sent to. */
export interface Page {
  readonly path: string;
  /** What `#…` may name in it. */
  readonly anchors: ReadonlySet<string>;
  /** Targets of its links and images, as written. */
  readonly links: readonly string[];
}

const NOT_OURS = new Set(['node_modules', 'dist', 'dist-test', 'coverage', 'results', 'api', '.git', '.changeset']);

/** The pages of Markdown below `folder` that are ours. */
export function pagesBelow(folder: string): readonly Page[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pagesBelow(path);
    return entry.name.endsWith('.md') ? [readPage(path)] : [];
  });
}

function readPage(path: string): Page {
  const text = readFileSync(path, 'utf8').replaceAll(/^(```|~~~)[\s\S]*?^\1$/gm, '');
  const headings = Array.from(text.matchAll(/^#{1,6} (.+)$/gm), ([, heading = '']) => heading);
  const prose = text.replaceAll(/`[^`\n]*`/g, '');
  const links = Array.from(prose.matchAll(/\]\(<?([^()<>\s]+)>?\)/g), ([, target = '']) => target);
  return { path, anchors: anchorsOf(headings), links };
}

/** As GitHub makes them; a heading that stands twice gets a number. */
function anchorsOf(headings: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number++) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}

function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

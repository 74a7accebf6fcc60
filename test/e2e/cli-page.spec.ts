import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { processSource } from '../../src/config/index.js';
import { application } from '../../src/cli/application.js';
import { createProgram } from '../../src/cli/program.js';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/guide/command-line.md'), 'utf8');
const program = createProgram({ out: () => undefined, err: () => undefined, source: processSource, application });

const blocks = Array.from(page.matchAll(/^```sh\n([\s\S]*?)^```$/gm), ([, text = '']) => text).join('');
const lines = Array.from(blocks.matchAll(/npx rookery (.*)$/gm), ([, line = '']) => line);

/** Whether a command does something by itself: a few do, and have further ones below them; mere groups take no options. */
function acts(command: Command): boolean {
  return command.commands.length === 0 || command.options.length > 0;
}

/** The commands that do something, by their words. */
function leaves(command: Command, words: readonly string[] = []): readonly string[] {
  const own = words.length > 0 && acts(command) ? [words.join(' ')] : [];
  return [...own, ...command.commands.flatMap((child) => leaves(child, [...words, child.name()]))];
}

/** The command that the words of a line lead to. */
function commandOf(words: readonly string[]): { readonly command: Command; readonly name: string } {
  let command = program;
  const path: string[] = [];
  for (const word of words) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    command = child;
    path.push(word);
  }
  return { command, name: path.join(' ') };
}

it('the page on the command line has an example of every command', () => {
  const shown = new Set(lines.map((line) => commandOf(line.split(' ')).name));
  expect(leaves(program).filter((name) => !shown.has(name))).toEqual([]);
});

it.each(lines)('the page shows a command line that there is: %s', (line) => {
  const { command, name } = commandOf(line.split(' '));
  expect(leaves(program)).toContain(name);
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  const used = Array.from(line.matchAll(/(?<= )--[a-z-]+/g), ([option]) => option);
  expect(used.filter((option) => !known.includes(option))).toEqual([]);
});

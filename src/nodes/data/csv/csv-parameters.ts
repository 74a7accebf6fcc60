import { z } from 'zod';

const character = z.string().refine((text) => /^[^\r\n\0\uD800-\uDFFF]$/u.test(text), 'must be one character');

/** A path of a file, as a parameter. */
export const filePath = z
  .string()
  .min(1)
  .max(4_096)
  .describe('The file, as `root/folder/file`: the name of a root of nodes.roots and a path in it.');

/** How text is written to bytes, as a parameter. */
export const encoding = z
  .string()
  .min(1)
  .max(40)
  .default('utf-8')
  .describe('utf-8, utf-16le, utf-16be, latin1, windows-1252, or another of the Encoding Standard.');

/** Between the fields of a row, as a parameter. */
export const delimiter = character
  .or(z.literal('auto'))
  .default(',')
  .describe('One character, or `auto` to find it: comma, semicolon, tab or |.');

/** Around fields, as a parameter. */
export const quoteCharacter = character.or(z.literal('')).default('"').describe('One character; empty for none.');

/** Before quotes in quoted fields, as a parameter. */
export const escapeCharacter = character
  .optional()
  .describe('What makes a quote in a quoted field one of its text. Default: it is written twice.');

import { ToolError } from '../errors.js';

/** A path as it was written, taken apart; nothing has been looked up yet. */
export interface WrittenPath {
  readonly absolute: boolean;
  /** Without empty ones and `.`; none is `..`, hidden, or means something else on another system. */
  readonly components: readonly string[];
}

/** Bytes of a path (PATH_MAX of Linux, with its final NUL). */
const LONGEST_PATH = 4_095;
/** Bytes of a name (NAME_MAX of Linux). */
const LONGEST_NAME = 255;
/** Folders in folders; deeper trees are made to exhaust those who walk them. */
const DEEPEST = 64;
/** Names of devices on Windows, whatever their ending: a tree served here may be copied there. */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Control characters, invisible format characters (bidirectional overrides, zero width), line separators, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * Takes apart a path that a client wrote. Separators are `/` only.
 *
 * @throws ToolError saying which rule the path breaks; it doesn't repeat the path.
 */
export function parseFilePath(path: string): WrittenPath {
  if (path === '') throw refused('is empty', 'name a root and a path in it, like "root/folder/file.txt"');
  if (Buffer.byteLength(path) > LONGEST_PATH) throw refused(`is longer than ${LONGEST_PATH} bytes`);
  if (path.includes('\0')) throw refused('holds a NUL byte');
  if (INVISIBLE.test(path)) throw refused('holds a control character, an invisible character or half a character');
  if (path.includes('\\')) throw refused('holds a backslash', 'separate folders by "/"');
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(path)) throw refused('is a URL', 'give the path alone');
  const components = path.split('/').filter((name) => name !== '' && name !== '.');
  if (components.length > DEEPEST) throw refused(`has more than ${DEEPEST} parts`);
  for (const name of components) checkName(name);
  return { absolute: path.startsWith('/'), components };
}

/** @throws ToolError when something in a root can't have this name. */
function checkName(name: string): void {
  if (name === '..') throw refused('holds ".."', 'write the path without it');
  if (Buffer.byteLength(name) > LONGEST_NAME) throw refused(`holds a name of more than ${LONGEST_NAME} bytes`);
  if (name.startsWith('.')) throw refused('names something hidden', 'names that begin with a dot are not served');
  if (/[. ]$/.test(name)) throw refused('holds a name that ends in a dot or a space');
  if (DEVICES.test(name)) throw refused('holds a name that is reserved for a device');
  // What looks like a separator or dots to a program that normalises: full-width solidus, one dot leaders and their kin.
  const compatible = name.normalize('NFKC');
  const disguised = compatible !== name && (/[\\/:\0]/.test(compatible) || compatible.startsWith('.'));
  if (disguised || /[\u2044\u2215\u29f5\u29f8\u29f9]/.test(name)) {
    throw refused('holds a character that looks like a separator or a dot', 'use plain "/" and "."');
  }
}

function refused(fault: string, advice?: string): ToolError {
  return new ToolError(`Invalid file path: it ${fault}${advice === undefined ? '' : `; ${advice}`}.`);
}

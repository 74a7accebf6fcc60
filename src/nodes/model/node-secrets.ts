import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { ToolError, closest } from '../../core/index.js';

/** A secret as it is configured: its value, or the file that holds it. */
export interface SecretSource {
  readonly value?: string | undefined;
  readonly file?: string | undefined;
  /** Where it may be sent: origins without a `*`. */
  readonly origins?: readonly string[] | undefined;
}

/** A shorter one would be found in much that is no secret. */
const SHORTEST = 8;

/** The secrets that parameters of nodes may name. Values are given to nodes alone and never listed. */
export class NodeSecrets {
  readonly #logger = new Logger('Nodes');
  readonly #values: ReadonlyMap<string, string>;
  readonly #origins: ReadonlyMap<string, readonly string[]>;

  /** @throws Error listing every secret that cannot be read. */
  constructor(sources: Readonly<Record<string, SecretSource>> = {}) {
    const faults: string[] = [];
    const values = Object.entries(sources).flatMap(([name, source]): [string, string][] => {
      try {
        const value = source.value ?? readFileSync(source.file ?? '', 'utf8').trim();
        if (value.length < SHORTEST)
          throw new Error(`it has fewer than ${SHORTEST} characters, too few to be masked in answers`);
        return [[name, value]];
      } catch (error) {
        faults.push(`- nodes.secrets.${name}: ${(error as Error).message}`);
        return [];
      }
    });
    if (faults.length > 0) throw new Error(`Secrets of nodes can not be read:\n${faults.join('\n')}`);
    this.#values = new Map(values);
    this.#origins = new Map(
      Object.entries(sources).flatMap(([name, { origins }]) => (origins === undefined ? [] : [[name, origins]])),
    );
  }

  /** The origins that a secret may be sent to, where it is configured by itself. */
  originsOf(name: string): readonly string[] | undefined {
    return this.#origins.get(name);
  }

  /** @throws ToolError that says neither the name, which may be a secret itself, nor another: the log has the nearest. */
  get(name: string): string {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const nearest = closest(name, this.#values.keys());
    this.#logger.warn({ msg: 'a node was told to use a secret that is not in nodes.secrets', nearest });
    throw new ToolError(
      'There is no secret of that name. A `…_ref` takes the name of a secret, never the secret; an operator configures it under nodes.secrets.',
    );
  }
}

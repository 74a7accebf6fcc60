import { z } from 'zod';
import type { Target } from './call.js';
import type { Policy } from './target-parts.js';

/**
 * The policy keys that this server enforces, each with the schema of its value.
 *
 * A module that enforces a key defines it here; a target that asks for anything else stops the start, so that nobody
 * believes in a protection which is not there.
 */
export class PolicyKeys {
  readonly #schemas = new Map<string, z.ZodType>([['tags', z.array(z.string().min(1)).optional()]]);

  readonly #checks: ((target: Target) => readonly string[])[] = [];

  define(key: string, schema: z.ZodType): void {
    this.#schemas.set(key, schema);
  }

  /** Adds a check of whole targets, for keys that contradict each other or what else a target says of itself. */
  check(faultsOf: (target: Target) => readonly string[]): void {
    this.#checks.push(faultsOf);
  }

  /** What is wrong with a target, its policy's keys being right each. */
  contradictionsOf(target: Target): readonly string[] {
    return this.#checks.flatMap((faultsOf) => faultsOf(target));
  }

  /** What is wrong with a policy, as sentences; empty when nothing is. */
  faultsOf(policy: Policy): readonly string[] {
    return Object.entries(policy).flatMap(([key, value]) => {
      const schema = this.#schemas.get(key);
      if (schema === undefined) return [`unknown option "${key}"`];
      const result = schema.safeParse(value);
      return result.success ? [] : result.error.issues.map((issue) => `option "${key}": ${issue.message}`);
    });
  }
}

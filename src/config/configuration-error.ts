import type { Fault } from '../core/index.js';

/** One thing that is wrong with the configuration. Never quotes a value. */
export interface ConfigurationFault extends Fault {
  /** Where it was set: `config/default.yaml:4`, a variable's name or a command line option. */
  readonly origin?: string | undefined;
  /** What was probably meant. */
  readonly suggestion?: string | undefined;
}

/** The configuration can't be used. The message is a list for people; `faults` is the same for programs. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly ConfigurationFault[]) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super(
      `The configuration has ${count}:\n${faults.map((fault) => `  - ${describeConfigurationFault(fault)}`).join('\n')}`,
    );
  }
}

/** A fault as one line: `server.prot: is not a known key; did you mean server.port? (config/default.yaml:4)`. */
export function describeConfigurationFault({ path, message, origin, suggestion }: ConfigurationFault): string {
  const sentence = suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`;
  if (path === '') return origin === undefined ? sentence : `${origin}: ${sentence}`;
  return origin === undefined ? `${path}: ${sentence}` : `${path}: ${sentence} (${origin})`;
}

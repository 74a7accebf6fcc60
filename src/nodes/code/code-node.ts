import { ToolError } from '../../core/index.js';
import { z } from 'zod';
import type { NodeContext } from '../model/node.js';
import type { CodeLanguage, CodeResult } from './code-runner.js';
import type { CodeRunners } from './code-runners.js';

/** The parameters that code nodes have in common. */
export const codeParameters = z.strictObject({
  code: z
    .string()
    .min(1)
    .max(1_048_576)
    .describe('The code; what it leaves in the variable `result` is the output. Common indentation is removed.'),
  context: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Values that the code finds as variables of these names, and all together as `context`.'),
  timeout: z.number().positive().max(3_600).optional().describe('Seconds; not more than nodes.code.maxTimeoutMs.'),
  memory_limit: z
    .int()
    .min(32)
    .max(65_536)
    .optional()
    .describe('Mebibytes; not more than nodes.code.maxMemoryLimitMb.'),
});

/** See {@link codeParameters}. */
export type CodeParameters = z.output<typeof codeParameters>;

/** What code nodes return. */
export const codeOutput = z.strictObject({
  result: z.unknown().describe('The variable `result`.'),
  stdout: z.string().describe('What the code printed, cut where it is long.'),
  stderr: z.string(),
  truncated: z
    .strictObject({ stdout: z.int().optional(), stderr: z.int().optional() })
    .optional()
    .describe('Of what was cut, how many bytes the code printed; absent when all is here.'),
  notes: z.array(z.string()).describe('What became of values that JSON cannot carry.'),
  runner: z.string().describe('What ran the code.'),
  isolation: z.array(z.string()).describe('What the code was kept apart from.'),
  duration_ms: z.number(),
});

/** See {@link codeOutput}. */
export type CodeOutput = z.output<typeof codeOutput>;

/** Runs one node's code with its inputs as variables. @throws what {@link CodeRunners.run} throws */
export async function runCode(
  runners: CodeRunners,
  language: CodeLanguage,
  { code, context: given, timeout, memory_limit: memoryLimitMb }: CodeParameters,
  { inputs, signal }: NodeContext,
): Promise<CodeOutput> {
  for (const name of Object.keys(inputs)) {
    if (Object.hasOwn(given, name))
      throw new ToolError(`The input "${name}" is in \`context\` too; give it one value.`);
  }
  const variables = { ...given, ...inputs };
  // Sent a second time only to code that reads it.
  const together = /\bcontext\b/.test(code) && !Object.hasOwn(variables, 'context') ? { context: given } : {};
  const { durationMs, notes, isolation, ...rest }: CodeResult = await runners.run({
    language,
    code,
    variables: { ...variables, ...together },
    signal,
    ...(timeout !== undefined && { timeoutMs: Math.ceil(timeout * 1000) }),
    ...(memoryLimitMb !== undefined && { memoryLimitMb }),
  });
  return { ...rest, notes: [...notes], isolation: [...isolation], duration_ms: durationMs };
}

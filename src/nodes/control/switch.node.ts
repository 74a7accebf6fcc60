import { z } from 'zod';
import { ToolError, closest, isObject } from '../../core/index.js';
import { valueAt } from '../api/value-path.js';
import { Node } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { branchFor, faultsOfRule, judgesMissing, ruleShape } from './branch.js';

const parameters = z
  .strictObject({
    data: z.unknown().describe('What is passed on to the branch, and judged.'),
    condition_field: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('What of `data` is judged, as `order.lines[0].state`. Without it, all of it.'),
    ...ruleShape,
  })
  .superRefine((rule, context) => {
    for (const { path, message } of faultsOfRule(rule)) context.addIssue({ code: 'custom', path: [...path], message });
  });

const output = z.strictObject({
  branch: z.string().describe('The branch taken: `true` or `false`, or the name of a case or of the default.'),
  value: z.unknown().describe('`data`, unchanged.'),
});

type Parameters = z.output<typeof parameters>;

/** Chooses a branch by a value: yes or no, or one of several cases. It judges data and never runs code. */
@WorkflowNode({
  category: 'control',
  description: 'Choose a branch by a value: true or false, or the first of several cases that fits.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'yes or no',
      parameters: { data: { amount: 120 }, condition_field: 'amount', operator: 'greater', value: 100 },
    },
    {
      title: 'several cases',
      parameters: {
        data: { status: 'paid' },
        condition_field: 'status',
        cases: { ship: 'paid', remind: 'open' },
        default: 'review',
      },
    },
    {
      title: 'steps of a size',
      parameters: { data: 42, operator: 'greater_or_equal', cases: { large: 100, medium: 10 }, default: 'small' },
    },
  ],
})
export class SwitchNode extends Node<Parameters, z.output<typeof output>> {
  override run({ data, condition_field: path, ...rule }: Parameters): z.output<typeof output> {
    const judged = path === undefined ? data : valueAt(data, path);
    if (judged === undefined && !judgesMissing(rule)) throw missing(data, path);
    return { branch: branchFor(judged, rule), value: data ?? null };
  }
}

/** A misspelled path is no value that fits no case. */
function missing(data: unknown, path: string | undefined): ToolError {
  if (path === undefined) return new ToolError('SwitchNode was given no `data` to judge.');
  const near = isObject(data) ? closest(path, Object.keys(data)) : undefined;
  const hint =
    near === undefined ? 'For what may be absent there are is_missing and is_present.' : `Did you mean "${near}"?`;
  return new ToolError(`\`condition_field\` leads nowhere: there is no "${path.slice(0, 64)}" in \`data\`. ${hint}`);
}

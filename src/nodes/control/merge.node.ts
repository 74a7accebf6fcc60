import { z } from 'zod';
import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { merged } from './merge.js';

const parameters = z.strictObject({
  mode: z
    .enum(['concat', 'object', 'zip', 'first'])
    .default('object')
    .describe(
      '`concat`: lists one after the other; `object`: each input under its name; `zip`: lists of one length side by ' +
        'side, as objects; `first`: the first that is not null.',
    ),
});

const output = z.strictObject({
  result: z.unknown().describe('What became of the inputs.'),
  inputs: z.array(z.string()).describe('The names of those that were there, in their order.'),
});

/** Makes one value of those that several branches give. Those of branches that were not taken are not waited for. */
@WorkflowNode({
  category: 'control',
  description: 'Make one value of all inputs: lists joined or side by side, an object of them, or the first there is.',
  parameters,
  output,
  openInputs: true,
  readOnly: true,
  examples: [
    { title: 'two lists', parameters: { mode: 'concat' }, inputs: { north: [1, 2], south: [3] } },
    { title: 'side by side', parameters: { mode: 'zip' }, inputs: { id: [1, 2], name: ['Ada', 'Alan'] } },
    { title: 'whichever branch was taken', parameters: { mode: 'first' }, inputs: { reviewed: null, shipped: 7 } },
  ],
})
export class MergeNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  override run({ mode }: z.output<typeof parameters>, { inputs }: NodeContext): z.output<typeof output> {
    return { result: merged(mode, inputs), inputs: Object.keys(inputs) };
  }
}

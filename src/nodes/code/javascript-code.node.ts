import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { codeOutput, codeParameters, runCode, type CodeOutput, type CodeParameters } from './code-node.js';
import { CodeRunners } from './code-runners.js';

/** Runs JavaScript in a sandbox of its own. */
@WorkflowNode({
  category: 'code',
  description:
    'Runs JavaScript code in a sandbox without network, files, secrets or Node. Inputs are variables; the variable `result` is the output.',
  parameters: codeParameters,
  output: codeOutput,
  openInputs: true,
  examples: [
    {
      title: 'a sum',
      parameters: { code: 'var result = numbers.reduce((a, b) => a + b)', context: { numbers: [1, 2] } },
    },
  ],
})
export class JavaScriptCodeNode extends Node<CodeParameters, CodeOutput> {
  constructor(private readonly runners: CodeRunners) {
    super();
  }

  override prepare(): void {
    void this.runners.start();
  }

  override run(parameters: CodeParameters, context: NodeContext): Promise<CodeOutput> {
    return runCode(this.runners, 'javascript', parameters, context);
  }
}

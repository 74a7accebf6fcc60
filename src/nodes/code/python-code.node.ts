import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { codeOutput, codeParameters, runCode, type CodeOutput, type CodeParameters } from './code-node.js';
import { CodeRunners } from './code-runners.js';

/** Runs Python in a sandbox of its own. */
@WorkflowNode({
  category: 'code',
  description:
    'Runs Python code in a sandbox without network, files or secrets. Inputs are variables; the variable `result` is the output.',
  parameters: codeParameters,
  output: codeOutput,
  openInputs: true,
  examples: [{ title: 'a sum', parameters: { code: 'result = sum(numbers)', context: { numbers: [1, 2, 3] } } }],
})
export class PythonCodeNode extends Node<CodeParameters, CodeOutput> {
  constructor(private readonly runners: CodeRunners) {
    super();
  }

  override prepare(): void {
    void this.runners.start();
  }

  override run(parameters: CodeParameters, context: NodeContext): Promise<CodeOutput> {
    return runCode(this.runners, 'python', parameters, context);
  }
}

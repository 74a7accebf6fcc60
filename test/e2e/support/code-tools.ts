import {
  JavaScriptCodeNode,
  NodeTools,
  NodesModule,
  PythonCodeNode,
  type NodesModuleOptions,
} from '../../../src/index.js';
import { createTestServer } from '../../../src/testing/index.js';
import { optionsForTests } from './code-runners.js';

/** What a call of a code node came to. */
export interface CodeAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A server with the tools `run_python` and `run_javascript`. */
export interface CodeTools {
  readonly python: (args: Readonly<Record<string, unknown>>) => Promise<CodeAnswer>;
  readonly javascript: (args: Readonly<Record<string, unknown>>) => Promise<CodeAnswer>;
  readonly close: () => Promise<void>;
}

/** Serves code nodes as tools, called by a real client. */
export async function serveCodeTools(code: NodesModuleOptions['code'] = {}): Promise<CodeTools> {
  const { cacheDirectory } = optionsForTests();
  const running = await createTestServer({ imports: [NodesModule.forRoot({ code: { cacheDirectory, ...code } })] });
  const tools = running.app.get(NodeTools);
  await tools.registerNodeTool(PythonCodeNode, 'run_python');
  await tools.registerNodeTool(JavaScriptCodeNode, 'run_javascript');
  const call = async (name: string, args: Readonly<Record<string, unknown>>): Promise<CodeAnswer> => {
    const { content, isError, structuredContent } = await running.client.callTool({ name, arguments: args });
    const text = content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
    return { text, isError: isError === true, value: structuredContent as Record<string, unknown> };
  };
  return {
    python: (args) => call('run_python', args),
    javascript: (args) => call('run_javascript', args),
    close: () => running.close(),
  };
}

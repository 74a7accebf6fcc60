import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CSVReaderNode, LLMAgentNode, McpNodeTool, PythonCodeNode, type NodeConfiguration } from '../../index.js';

const csv = z.strictObject({
  file_path: z.string().min(1).describe('Path to the CSV file: a root of nodes.roots, then the path in it.'),
  delimiter: z.string().default(',').describe('Field delimiter.'),
  encoding: z.string().default('utf-8').describe('File encoding.'),
});

const python = z.strictObject({
  code: z.string().min(1).describe('Python code to execute; what it leaves in `result` is returned.'),
  context_data: z
    .record(z.string(), z.unknown())
    .nullish()
    .describe('Data for the code: its names are variables there.'),
});

const assistant = z.strictObject({
  prompt: z.string().min(1).describe('The prompt or question for the AI.'),
  task_type: z.enum(['general', 'analysis', 'coding', 'writing']).default('general').describe('Type of task.'),
  model: z.string().default('ollama:llama3.2:3b').describe('AI model to use.'),
  max_tokens: z.int().min(1).default(1000).describe('Maximum tokens in response.'),
});

/** The node tools of the guide ("Single Node Tools"). */
@Injectable()
export class GuideNodeTools {
  @McpNodeTool({
    node: CSVReaderNode,
    toolName: 'read_csv_file',
    description: 'Read and parse CSV files with advanced options',
    inputSchema: csv,
    cacheTtl: 300,
  })
  csvReader({ file_path, delimiter, encoding }: z.output<typeof csv>): NodeConfiguration {
    return { node_config: { file_path, delimiter, encoding, include_headers: true, skip_empty_rows: true } };
  }

  @McpNodeTool({
    node: PythonCodeNode,
    toolName: 'execute_python_code',
    description: 'Execute Python code dynamically with access to data context',
    inputSchema: python,
    annotations: { readOnlyHint: true, openWorldHint: false },
    cacheTtl: 0,
    rateLimit: 20,
  })
  pythonExecutor({ code, context_data }: z.output<typeof python>): NodeConfiguration {
    return { node_config: { code, context: context_data ?? {}, timeout: 30, memory_limit: 256 } };
  }

  @McpNodeTool({
    node: LLMAgentNode,
    toolName: 'ai_assistant',
    description: 'Intelligent AI assistant for various tasks',
    inputSchema: assistant,
    annotations: { readOnlyHint: true },
    cacheKey: 'llm_response',
    cacheTtl: 1800,
  })
  aiAssistant({ prompt, task_type, model, max_tokens }: z.output<typeof assistant>): NodeConfiguration {
    const system_prompt = `You are an AI assistant specialized in ${task_type} tasks.`;
    return { node_config: { prompt, model, max_tokens, temperature: 0.7, system_prompt } };
  }
}

import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, ToolError, type Call, type ContentBlock, type ToolResult } from '../../src/index.js';

const orders = new Map([['A-1', { id: 'A-1', total: 42, shipped: false }]]);

//#region order
const orderInput = z.object({ id: z.string().describe('The number on the invoice, as A-1') });
const orderOutput = z.object({ id: z.string(), total: z.number(), shipped: z.boolean() });

@Injectable()
export class OrderTools {
  @McpTool({
    title: 'Look up an order',
    description: 'Finds an order by its number. Use it before saying anything about an order.',
    inputSchema: orderInput,
    outputSchema: orderOutput,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    tags: ['orders'],
  })
  getOrder({ id }: z.output<typeof orderInput>): z.output<typeof orderOutput> {
    const order = orders.get(id);
    if (order === undefined) throw new ToolError(`There is no order ${id}. Ask the user for the number.`);
    return order;
  }
}
//#endregion

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

//#region results
@Injectable()
export class ResultTools {
  @McpTool({ description: 'Text, as it is' })
  text(): string {
    return 'plain text, not quoted';
  }

  @McpTool({ description: 'An object, as JSON text' })
  object(): object {
    return { answer: 42 };
  }

  @McpTool({ description: 'Content blocks' })
  picture(): readonly ContentBlock[] {
    return [
      { type: 'text', text: 'One pixel:' },
      { type: 'image', mimeType: 'image/png', data: PIXEL },
    ];
  }

  @McpTool({ description: 'A whole result, written out' })
  written(): ToolResult {
    return { content: [{ type: 'text', text: 'done' }], _meta: { 'example.com/took': 3 } };
  }
}
//#endregion

async function importLine(line: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await Promise.resolve(line);
}

//#region progress
@Injectable()
export class ImportTools {
  @McpTool({ description: 'Imports lines', inputSchema: z.object({ lines: z.int().min(1).max(1_000) }) })
  async importLines({ lines }: { lines: number }, call: Call): Promise<string> {
    for (let line = 1; line <= lines; line++) {
      await importLine(line, call.signal);
      call.progress(line, lines, `line ${line}`);
    }
    call.log('info', { lines });
    return `${lines} lines imported`;
  }
}
//#endregion

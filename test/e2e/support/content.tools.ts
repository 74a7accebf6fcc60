import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, ToolError, type ContentBlock, type ToolResult } from '../../../src/index.js';

/** A 1×1 image and a silent sound, base64. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
export const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';

/** What must never leave the server: thrown by `break`, looked for in everything that a client or a pipe gets. */
export const SECRET = 'hunter2-in-a-connection-string';

/** One block of each kind that the protocol knows, with annotations where they are allowed. */
export const BLOCKS: readonly ContentBlock[] = [
  { type: 'text', text: 'five kinds', annotations: { audience: ['user'], priority: 0.5 } },
  { type: 'image', data: PNG, mimeType: 'image/png' },
  { type: 'audio', data: WAV, mimeType: 'audio/wav' },
  { type: 'resource', resource: { uri: 'note://embedded', mimeType: 'text/plain', text: 'inside' } },
  {
    type: 'resource_link',
    uri: 'note://linked',
    name: 'linked',
    title: 'A link',
    description: 'elsewhere',
    mimeType: 'text/plain',
    size: 9,
  },
];

const person = z.object({ name: z.string(), age: z.int().min(0) });
const text = z.object({ text: z.string() });

/** Tools that show every shape of an answer. */
@Injectable()
export class ContentTools {
  @McpTool({ description: 'Answers what it is given.', title: 'Echo', inputSchema: text })
  echo(input: z.output<typeof text>): string {
    return input.text;
  }

  @McpTool({
    description: 'Makes a person.',
    inputSchema: z.object({ name: z.string().min(1), age: z.int().min(0).max(150).default(30) }),
    outputSchema: person,
    annotations: { title: 'Person', readOnlyHint: true, openWorldHint: false },
  })
  makePerson(input: z.output<typeof person>): z.output<typeof person> {
    return input;
  }

  @McpTool({ description: 'Counts from one.', inputSchema: z.object({ to: z.int() }), outputSchema: z.array(z.int()) })
  numbers({ to }: { to: number }): number[] {
    return Array.from({ length: to }, (_, index) => index + 1);
  }

  @McpTool({ description: 'An object without an output schema.' })
  plainObject(): object {
    return { answer: 42, list: [true, null] };
  }

  @McpTool({ description: 'One block of every kind.' })
  blocks(): readonly ContentBlock[] {
    return BLOCKS;
  }

  @McpTool({ description: 'A result written out by hand.' })
  byHand(): ToolResult {
    return { content: [{ type: 'text', text: 'by hand' }], _meta: { 'example.com/mark': 'kept' } };
  }

  @McpTool({ description: 'Fails as expected.' })
  refuse(): never {
    throw new ToolError('There is no such city; try "Bern".', { city: 'Brn' });
  }

  @McpTool({ description: 'Breaks.' })
  break(): never {
    throw new Error(`cannot connect to postgres://admin:${SECRET}@db.internal`);
  }

  @McpTool({ description: 'Returns what its output schema forbids.', outputSchema: person })
  lie(): object {
    return { name: SECRET, age: 'not a number' };
  }

  @McpTool({ description: 'A long text.', inputSchema: z.object({ length: z.int().min(0) }) })
  longText({ length }: { length: number }): string {
    return 'ä'.repeat(length);
  }
}

import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, ToolError, type Call } from '../../src/index.js';

//#region elicit
const reason = z.object({ reason: z.string().min(5), refund: z.boolean().default(true) });

@Injectable()
export class CancelTools {
  @McpTool({
    description: 'Cancels an order after the user has said why',
    inputSchema: z.object({ id: z.string() }),
    annotations: { destructiveHint: true },
  })
  async cancelOrder({ id }: { id: string }, call: Call): Promise<string> {
    const answer = await call.elicit({ message: `Why is ${id} to be cancelled?`, schema: reason });
    if (answer.action !== 'accept') return `${id} stays as it is.`;
    return `${id} is cancelled: ${answer.content.reason}`;
  }
}
//#endregion

let tickets = 0;
const openTicket = (): Promise<number> => Promise.resolve(++tickets);

//#region once
@Injectable()
export class TicketTools {
  @McpTool({ description: 'Opens a ticket and asks how urgent it is' })
  async openTicket(_input: object, call: Call): Promise<string> {
    const ticket = await call.once('ticket', () => openTicket());
    const answer = await call.elicit({
      key: 'urgency',
      message: `How urgent is ticket ${ticket}?`,
      schema: z.object({ urgency: z.enum(['low', 'high']) }),
    });
    return `ticket ${ticket}: ${answer.action === 'accept' ? answer.content.urgency : 'not said'}`;
  }
}
//#endregion

//#region others
@Injectable()
export class AssistedTools {
  @McpTool({ description: 'Connects the account' })
  async connectAccount(_input: object, call: Call): Promise<string> {
    const { action } = await call.elicitUrl({ message: 'Please sign in.', url: 'https://example.com/connect' });
    return action === 'accept' ? 'The page was opened.' : 'The account is not connected.';
  }

  @McpTool({ description: 'Summarises a text', inputSchema: z.object({ text: z.string().max(10_000) }) })
  async summarise({ text }: { text: string }, call: Call): Promise<string> {
    if (!call.clientSupports('sampling')) throw new ToolError('This client has no model to ask.');
    const { content } = await call.sample({
      messages: [{ role: 'user', content: { type: 'text', text: `Summarise in one sentence: ${text}` } }],
      maxTokens: 200,
    });
    const [block] = [content].flat();
    return block?.type === 'text' ? block.text : '';
  }

  @McpTool({ description: 'Lists the folders that the client offers' })
  async folders(_input: object, call: Call): Promise<readonly string[]> {
    return (await call.listRoots()).map(({ uri }) => uri);
  }
}
//#endregion

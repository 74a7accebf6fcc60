import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpTool, type Call } from '../../src/index.js';

const build = (part: number, signal: AbortSignal): Promise<number> => delay(1, part, { signal });

//#region task
@Injectable()
export class ReportTools {
  @McpTool({
    description: 'Builds the yearly report; takes minutes',
    inputSchema: z.object({ parts: z.int().min(1).max(100) }),
    task: 'optional',
  })
  async buildReport({ parts }: { parts: number }, call: Call): Promise<string> {
    for (let part = 1; part <= parts; part++) {
      await build(part, call.signal);
      call.progress(part, parts, `part ${part} of ${parts}`);
    }
    return `The report has ${parts} parts.`;
  }
}
//#endregion

//#region later
@Injectable()
export class ExportTools {
  @McpTool({ description: 'Exports rows', inputSchema: z.object({ rows: z.int().min(1) }) })
  async exportRows({ rows }: { rows: number }, call: Call): Promise<string> {
    const isTask = rows > 10_000 && (await call.continueAsTask());
    return `${rows} rows exported${isTask ? ' in the background' : ''}.`;
  }
}
//#endregion

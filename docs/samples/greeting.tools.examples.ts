//#region module
import { Injectable, Module } from '@nestjs/common';
import { McpServerModule, McpTool } from '../../src/index.js';
import { z } from 'zod';

//#region tool
@Injectable()
export class GreetingTools {
  @McpTool({ description: 'Greets someone', inputSchema: z.object({ name: z.string() }) })
  greet({ name }: { name: string }): string {
    return `Hello, ${name}!`;
  }
}
//#endregion

@Module({ imports: [McpServerModule.forRoot({ name: 'greeter' })], providers: [GreetingTools] })
export class AppModule {}
//#endregion

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { RookeryServer } from '../../src/index.js';

//#region registration
@Injectable()
export class PluginTools implements OnModuleInit {
  constructor(private readonly server: RookeryServer) {}

  async onModuleInit(): Promise<void> {
    await this.server.registerTool(
      { name: 'roll_dice', description: 'Rolls dice', inputSchema: z.object({ sides: z.int().min(2).default(6) }) },
      ({ sides }, call) => {
        call.log('debug', 'rolling');
        return 1 + Math.floor(Math.random() * sides);
      },
    );
  }

  unplug(): boolean {
    return this.server.removeTool('roll_dice');
  }
}
//#endregion

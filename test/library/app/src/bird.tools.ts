import { Injectable, UseGuards } from '@nestjs/common';
import { McpResource, McpTool, ToolError, type Call } from 'rookery';
import { z } from 'zod';
import { Aviary } from './aviary.js';
import { KeepShyBirdsAlone, KeeperGuard } from './keeper.guard.js';

const input = z.object({ name: z.string().min(1), unit: z.enum(['g', 'kg']).default('g') });
const output = z.object({ name: z.string(), weight: z.number() });

/** A tool and a resource of the application's own. */
@Injectable()
export class BirdTools {
  constructor(private readonly aviary: Aviary) {}

  @McpTool({
    description: 'Weighs a bird.',
    inputSchema: input,
    outputSchema: output,
    annotations: { readOnlyHint: true },
  })
  @UseGuards(KeeperGuard)
  @KeepShyBirdsAlone()
  weighBird({ name, unit }: z.output<typeof input>, call: Call): z.output<typeof output> {
    const bird = this.aviary.find(name);
    if (bird === undefined) throw new ToolError(`There is no ${name}; there are: ${this.aviary.names.join(', ')}.`);
    call.progress(1, 1);
    return { name, weight: unit === 'kg' ? bird.weightGrams / 1000 : bird.weightGrams };
  }

  @McpResource({ uriTemplate: 'bird://{name}', name: 'bird', description: 'What is known of a bird.' })
  bird({ name }: { name: string }): object {
    return this.aviary.find(name) ?? { unknown: name };
  }
}

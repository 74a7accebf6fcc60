import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { McpPrompt, McpResource, ToolError, type PromptMessage } from '../../../src/index.js';
import { PNG } from './content.tools.js';

const CITIES = ['Basel', 'Bergen', 'Bern', 'Oslo'];

/** Resources, templates and prompts, with suggestions. */
@Injectable()
export class Documents {
  @McpResource({
    uri: 'note://welcome',
    name: 'welcome',
    title: 'Welcome',
    description: 'A text.',
    mimeType: 'text/markdown',
    size: 9,
    annotations: { audience: ['assistant'], priority: 1 },
  })
  welcome(): string {
    return '# Welcome';
  }

  @McpResource({ uri: 'image://logo', name: 'logo', description: 'Bytes.', mimeType: 'image/png' })
  logo(): Uint8Array {
    return Buffer.from(PNG, 'base64');
  }

  @McpResource({ uri: 'note://several', name: 'several', description: 'Several contents.' })
  several(): readonly object[] {
    return [{ text: 'one' }, { uri: 'note://several/two', mimeType: 'application/json', text: '2' }];
  }

  @McpResource({ uri: 'note://locked', name: 'locked', description: 'A text that cannot be read.' })
  locked(): never {
    throw new ToolError('The note is locked.');
  }

  @McpResource({
    uriTemplate: 'city://{country}/{city}',
    name: 'city',
    description: 'A city.',
    complete: {
      city: (value, { arguments: { country } }) =>
        CITIES.filter((city) => city.startsWith(value) && (country !== 'no' || city !== 'Bern')),
    },
  })
  city({ country, city }: { country: string; city: string }): object {
    return { country, city };
  }

  @McpResource({ uriTemplate: 'file://{+path}', name: 'file', description: 'A file.', mimeType: 'text/plain' })
  file({ path }: { path: string }): string {
    return `file ${path}`;
  }

  @McpPrompt({
    description: 'Greets somebody.',
    title: 'Greeting',
    argsSchema: z.object({ who: z.string().describe('Whom to greet.'), city: z.string().optional() }),
    complete: { city: 'suggestCity', who: () => Array.from({ length: 150 }, (_, index) => `guest ${index}`) },
  })
  greet({ who, city }: { who: string; city?: string }): string {
    return `Say hello to ${who}${city === undefined ? '' : ` in ${city}`}.`;
  }

  @McpPrompt({ description: 'A conversation.' })
  review(): readonly PromptMessage[] {
    return [
      { role: 'user', content: { type: 'text', text: 'Look at this.' } },
      { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
      { role: 'user', content: { type: 'resource', resource: { uri: 'note://welcome', text: '# Welcome' } } },
      { role: 'assistant', content: { type: 'text', text: 'I see.' } },
    ];
  }

  suggestCity(value: string): readonly string[] {
    return CITIES.filter((city) => city.startsWith(value));
  }
}

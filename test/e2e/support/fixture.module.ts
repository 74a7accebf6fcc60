import { Module, type DynamicModule } from '@nestjs/common';
import { McpServerModule, type McpServerExtras, type McpServerOptions } from '../../../src/index.js';
import { ContentTools } from './content.tools.js';
import { Documents } from './documents.js';
import { Gates } from './gates.js';
import { RunningTools } from './running.tools.js';

/** Who the fixture says it is. */
export const IDENTITY = { name: 'fixture', version: '1.2.3', title: 'A fixture', websiteUrl: 'https://example.com/' };
/** What the fixture tells a model. */
export const INSTRUCTIONS = 'Call echo first.';

/** The server that both reference clients are tested against. Its pages are short, so that every list has several. */
@Module({})
export class FixtureModule {
  static forRoot(options: McpServerOptions & McpServerExtras = {}): DynamicModule {
    return {
      module: FixtureModule,
      imports: [McpServerModule.forRoot({ ...IDENTITY, instructions: INSTRUCTIONS, pageSize: 2, ...options })],
      providers: [Gates, ContentTools, RunningTools, Documents],
      exports: [Gates],
    };
  }
}

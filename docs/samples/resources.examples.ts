import { Injectable } from '@nestjs/common';
import { McpResource, RookeryError, type Call, type ResourceContents } from '../../src/index.js';

const texts = new Map([
  ['terms', 'Be kind.'],
  ['privacy', 'We keep nothing.'],
]);

//#region resources
@Injectable()
export class DocumentResources {
  @McpResource({ uri: 'docs://index', description: 'The names of all documents', mimeType: 'application/json' })
  index(): readonly string[] {
    return [...texts.keys()];
  }

  @McpResource({
    uriTemplate: 'docs://document/{name}',
    description: 'A document by its name',
    mimeType: 'text/markdown',
    complete: { name: (typed) => [...texts.keys()].filter((name) => name.startsWith(typed)) },
  })
  document({ name }: { name: string }, call: Call): ResourceContents[] {
    const text = texts.get(name);
    if (text === undefined) throw new RookeryError('unknown', `There is no document ${name}.`);
    return [{ uri: call.name, mimeType: 'text/markdown', text, _meta: { 'example.com/revision': 7 } }];
  }

  @McpResource({ uri: 'docs://logo', description: 'The logo', mimeType: 'image/svg+xml' })
  logo(): Uint8Array {
    return new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
  }
}
//#endregion

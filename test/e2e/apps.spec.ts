import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { McpResource, McpTool } from '../../src/index.js';
import { createTestServer } from '../../src/testing/index.js';
import { messageOf, postModern } from './support/http-messages.js';

const EXTENSION = 'io.modelcontextprotocol/ui';

@Injectable()
class ClockApp {
  @McpTool({ description: 'Tells the time.', ui: { resourceUri: 'ui://clock', visibility: ['model', 'app'] } })
  clock(): string {
    return 'It is noon.';
  }

  @McpResource({
    name: 'clock-app',
    uri: 'ui://clock',
    description: 'A clock.',
    ui: { csp: { connectDomains: ['https://time.example'] }, prefersBorder: true },
  })
  app(): string {
    return '<!doctype html><title>Clock</title>';
  }
}

@Injectable()
class WrongApp {
  @McpTool({ description: 'Names no app.', ui: { resourceUri: 'https://example.com' } })
  wrong(): string {
    return '';
  }
}

describe('[protocol E2] MCP Apps', () => {
  it('are declared as soon as there is one, and listed with their tool', async () => {
    const { url, client, close } = await createTestServer({ providers: [ClockApp], transport: 'http' });
    const { result } = await postModern(url, 'server/discover').then(messageOf);
    expect(result?.['capabilities']).toMatchObject({ extensions: { [EXTENSION]: {} } });
    const { tools } = await client.listTools();
    expect(tools[0]?._meta).toEqual({ ui: { resourceUri: 'ui://clock', visibility: ['model', 'app'] } });
    const { resources } = await client.listResources();
    expect(resources[0]).toMatchObject({
      mimeType: 'text/html;profile=mcp-app',
      _meta: { ui: { prefersBorder: true } },
    });
    await close();
  });

  it('are read as HTML, while other clients get the text of the tool', async () => {
    const { client, close } = await createTestServer({ providers: [ClockApp] });
    const { contents } = await client.readResource({ uri: 'ui://clock' });
    expect(contents[0]).toMatchObject({
      mimeType: 'text/html;profile=mcp-app',
      text: expect.stringContaining('Clock'),
    });
    expect((await client.callTool({ name: 'clock' })).content).toEqual([{ type: 'text', text: 'It is noon.' }]);
    await close();
  });

  it('are not declared where there is none', async () => {
    const { url, close } = await createTestServer({ transport: 'http' });
    const { result } = await postModern(url, 'server/discover').then(messageOf);
    expect(JSON.stringify(result)).not.toContain(EXTENSION);
    await close();
  });

  it('keep a server from starting that names something else', async () => {
    await expect(createTestServer({ providers: [WrongApp] })).rejects.toThrow(/WrongApp\.wrong: .*ui:\/\//);
  });
});

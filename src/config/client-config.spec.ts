import { describe, expect, it } from 'vitest';
import { clientConfig, mcpUrl } from './client-config.js';

const http = { name: 'rookery', url: 'http://127.0.0.1:3000/mcp' };
const stdio = { name: 'rookery', command: '/usr/bin/node', args: ['/opt/rookery/dist/main.js', '--stdio'] };

describe('clientConfig', () => {
  it.each([
    ['claude', http, { mcpServers: { rookery: { type: 'http', url: http.url } } }],
    ['cursor', http, { mcpServers: { rookery: { url: http.url } } }],
    ['vscode', http, { servers: { rookery: { type: 'http', url: http.url } } }],
    ['claude', stdio, { mcpServers: { rookery: { command: stdio.command, args: stdio.args } } }],
    ['cursor', stdio, { mcpServers: { rookery: { command: stdio.command, args: stdio.args } } }],
    ['vscode', stdio, { servers: { rookery: { type: 'stdio', command: stdio.command, args: stdio.args } } }],
  ] as const)('writes what %s reads (%#)', (client, connection, expected) => {
    expect(clientConfig(client, connection)).toEqual(expected);
  });

  it('passes the environment of a child on', () => {
    const env = { ROOKERY_CONFIG: '/etc/rookery.yaml' };
    expect(clientConfig('cursor', { ...stdio, env })).toEqual({
      mcpServers: { rookery: { command: stdio.command, args: stdio.args, env } },
    });
  });

  it('makes a key of any name', () => {
    expect(Object.keys(clientConfig('vscode', { ...http, name: 'Our server (test)' })['servers'] as object)).toEqual([
      'Our-server-test',
    ]);
    expect(Object.keys(clientConfig('vscode', { ...http, name: '日本' })['servers'] as object)).toEqual(['rookery']);
  });
});

describe('mcpUrl', () => {
  it.each([
    [{ host: '127.0.0.1', port: 3000 }, 'http://127.0.0.1:3000/mcp'],
    [{ host: '::1', port: 80 }, 'http://[::1]:80/mcp'],
    [{ host: '0.0.0.0', port: 3000 }, 'http://127.0.0.1:3000/mcp'],
    [{ host: '127.0.0.1', port: 3000, publicUrl: 'https://mcp.example.com/' }, 'https://mcp.example.com/mcp'],
    [{ host: '127.0.0.1', port: 3000, publicUrl: 'https://example.com/rookery' }, 'https://example.com/rookery/mcp'],
  ])('of %o', (address, url) => {
    expect(mcpUrl(address)).toBe(url);
  });
});

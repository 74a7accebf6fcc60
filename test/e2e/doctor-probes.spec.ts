import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anthropicWire } from '../support/llm/anthropic-wire.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { openAiWire } from '../support/llm/openai-wire.js';
import { freePort } from '../support/servers/free-port.js';
import { DoctorHome } from './support/doctor-home.js';

const KEY = 'sk-test-0123456789abcdef';
const OTHER_KEY = 'sk-other-9876543210fedcba';

let home: DoctorHome;
beforeEach(() => void (home = new DoctorHome()));
afterEach(() => home.remove());

describe('rookery doctor and sandboxes', () => {
  const only = ['--only', 'self_test'];
  const withPython = (python: string): string =>
    `server: { port: 0 }\nnodes: { code: { python: ${python}, javascript: { enabled: false } } }`;

  it('finds a sandbox well that keeps code apart, and leaves nothing behind', { timeout: 90_000 }, async () => {
    home.configure('server: { port: 0 }\nnodes: { code: { python: { runners: [bwrap-python] } } }');
    const before = home.files();
    const { code, of, report } = await home.examined(only);
    expect(of('self_test:bwrap-python')).toEqual(['ok', expect.stringMatching(/Python code.*files.*network/)]);
    expect(of('self_test:quickjs')).toEqual(['ok', expect.stringContaining('JavaScript code')]);
    expect(report.checks.map(({ group }) => group)).toEqual(['self-tests', 'self-tests']);
    expect(code).toBe(0);
    expect(home.files()).toEqual(before);
  });

  it('fails for the only runner of a language when it cannot be used, and says what to do', async () => {
    home.configure(withPython('{ runners: [bwrap-python], bubblewrap: /nowhere/bwrap }'));
    const { code, report } = await home.examined(only);
    expect(report.checks).toHaveLength(1);
    expect(report.checks[0]).toMatchObject({
      name: 'self_test:bwrap-python',
      status: 'fail',
      findings: [
        {
          message: expect.stringMatching(/\/nowhere\/bwrap is missing.*nodes\.code\.python\.bubblewrap/) as string,
          remedy: expect.stringContaining('Until then Python code is refused') as string,
        },
      ],
    });
    expect(code).toBe(1);
    const { stdout } = await home.run(only);
    expect(stdout).toMatch(/^ {2}FAIL +self_test:bwrap-python +bwrap-python: \/nowhere\/bwrap is missing/m);
    expect(stdout).toMatch(/^ +→ Do what it says, or take it out of nodes\.code\.python\.runners/m);
  });

  it('warns where another runner of the language is configured', { timeout: 90_000 }, async () => {
    home.configure(withPython('{ runners: [bwrap-python, pyodide], bubblewrap: /nowhere/bwrap }'));
    const { code, of } = await home.examined(only);
    expect(of('self_test:bwrap-python')[0]).toBe('warn');
    expect(of('self_test:pyodide')[0]).toBe('ok');
    expect(code).toBe(0);
  });
});

describe('rookery doctor and providers of language models', () => {
  const open: LlmServer[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.stop();
  });

  it('asks each whether it is there, without a prompt, and shows no key', async () => {
    const [ollama, openai, anthropic] = await Promise.all([
      startLlmServer(ollamaWire),
      startLlmServer(openAiWire, KEY),
      startLlmServer(anthropicWire, KEY),
    ]);
    open.push(ollama, openai, anthropic);
    home.configure(`
server: { port: 0 }
nodes:
  ai:
    providers:
      local: { type: ollama, baseUrl: '${ollama.origin}' }
      gpt: { type: openai, baseUrl: '${openai.origin}/v1', apiKey: ${KEY} }
      claude: { type: anthropic, baseUrl: '${anthropic.origin}', apiKey: ${OTHER_KEY} }
      absent: { type: ollama, baseUrl: 'http://127.0.0.1:${await freePort()}' }
      keyless: { type: openai, apiKeyFile: /nowhere/key }
`);
    const { code, of, report, stdout } = await home.examined(['--only', 'llm']);
    expect(of('llm:local')).toEqual(['ok', `The provider "local" at ${new URL(ollama.origin).host} answers.`]);
    expect(of('llm:gpt')[0]).toBe('ok');
    expect(of('llm:claude')).toEqual([
      'fail',
      expect.stringMatching(/refuses the server's credential\. Set nodes\.ai\.providers\.claude\.apiKey/),
    ]);
    expect(of('llm:absent')).toEqual(['fail', expect.stringContaining('cannot be reached (ECONNREFUSED)')]);
    expect(of('llm:keyless')).toEqual(['fail', expect.stringContaining('providers.keyless.apiKeyFile: /nowhere/key')]);
    expect(report.checks.every(({ group }) => group === 'back ends')).toBe(true);
    expect(code).toBe(1);
    for (const key of [KEY, OTHER_KEY]) expect(stdout).not.toContain(key);
    expect([ollama, openai, anthropic].flatMap(({ received }) => received)).toEqual([]);
  });

  it('ends within its time when one does not answer, and names it', async () => {
    const { url, stop } = await silentServer();
    try {
      home.configure(
        `server: { port: 0 }\nnodes: { ai: { providers: { mute: { type: ollama, baseUrl: '${url}' } } } }`,
      );
      const { of, report } = await home.examined(['--only', 'llm:mute']);
      expect(of('llm:mute')).toEqual(['fail', 'The provider "mute" did not answer within 3 s.']);
      expect(report.checks[0]?.durationMs).toBeLessThan(5_000);
    } finally {
      await stop();
    }
  });
});

/** Takes connections, and says nothing. */
async function silentServer(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Cors } from './cors.js';

const APP = 'https://app.example.com';

interface Seen {
  readonly headers: Record<string, string>;
  status?: number;
}

function exchange(headers: Record<string, string>, method = 'POST'): [IncomingMessage, ServerResponse, Seen] {
  const seen: Seen = { headers: {} };
  const response = {
    setHeader: (name: string, value: string) => void (seen.headers[name] = value),
    writeHead: (status: number, more: Record<string, string>) => {
      seen.status = status;
      Object.assign(seen.headers, more);
    },
    end: () => undefined,
  };
  return [{ headers, method } as IncomingMessage, response as unknown as ServerResponse, seen];
}

describe('requests of other origins', () => {
  const cors = new Cors({ origins: [APP], maxAgeSeconds: 600 });

  it('may read the answer where they are allowed, without cookies', () => {
    const [request, response, seen] = exchange({ origin: APP });
    cors.mark(request, response);
    expect(seen.headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'Origin' });
    expect(seen.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(seen.headers['access-control-expose-headers']).toContain('Mcp-Session-Id');
  });

  it.each(['https://evil.example', 'http://app.example.com', 'https://app.example.com.evil.example', 'null', ''])(
    'may not from %j',
    (origin) => {
      const [request, response, seen] = exchange({ origin });
      cors.mark(request, response);
      expect(seen.headers).toEqual({ vary: 'Origin' });
      const asked = exchange({ origin, 'access-control-request-method': 'POST' }, 'OPTIONS');
      expect(cors.preflight(asked[0], asked[1])).toBe(false);
    },
  );

  it('ask first which methods and headers they may send', () => {
    const [request, response, seen] = exchange(
      {
        origin: APP,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, mcp-method',
      },
      'OPTIONS',
    );
    expect(cors.preflight(request, response)).toBe(true);
    expect(seen).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
        'access-control-allow-headers': 'authorization, mcp-method',
        'access-control-max-age': '600',
      },
    });
  });

  it.each(['x\r\nset-cookie: a', 'a'.repeat(10_000), '<script>'])('get no header back that is no name: %j', (asked) => {
    const [request, response, seen] = exchange(
      { origin: APP, 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
      'OPTIONS',
    );
    cors.preflight(request, response);
    expect(seen.headers).not.toHaveProperty('access-control-allow-headers');
  });

  it('are nothing to a server that allows none', () => {
    const [request, response, seen] = exchange({ origin: APP });
    new Cors({ origins: [], maxAgeSeconds: 600 }).mark(request, response);
    expect(seen.headers).toEqual({});
  });
});

import { describe, expect, it } from 'vitest';
import { endpointFault, tracesUrl } from './otlp-endpoint.js';

describe('the endpoint of traces', () => {
  it.each([
    ['http://collector:4318', 'http://collector:4318/v1/traces'],
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['https://tempo.example/otlp/v1/traces', 'https://tempo.example/otlp/v1/traces'],
    ['https://in.example?tenant=1', 'https://in.example/v1/traces?tenant=1'],
  ])('%s means %s', (endpoint, url) => {
    expect(endpointFault(endpoint)).toBeUndefined();
    expect(tracesUrl(endpoint)).toBe(url);
  });

  it.each(['http://jaeger:14268/api/traces', 'http://jaeger:14268', 'http://jaeger:9999/api/traces/'])(
    '[O3] says of %s what Jaeger takes today',
    (endpoint) => {
      expect(endpointFault(endpoint)).toMatch(/Thrift.*use http:\/\/jaeger:4318\/v1\/traces$/);
    },
  );

  it.each([
    ['collector', 'http://collector:4318'],
    ['grpc://collector:4317', 'http://'],
    ['http://collector:4317', 'use http://collector:4318'],
    ['http://ada:secret-word@collector:4318', 'tracing.headers.authorization'],
  ])('[S2] refuses %s and says what to write', (endpoint, fix) => {
    expect(endpointFault(endpoint)).toContain(fix);
    expect(endpointFault(endpoint)).not.toContain('secret-word');
  });
});

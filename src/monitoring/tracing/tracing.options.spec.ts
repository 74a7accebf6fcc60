import { describe, expect, it } from 'vitest';
import { monitoringOptions } from '../monitoring.options.js';
import { MonitoringSettings } from '../monitoring.settings.js';

const settings = (given: object) => new MonitoringSettings(monitoringOptions.parse(given)).tracing;

describe('the section monitoring.tracing', () => {
  it('traces nothing when nothing is said, and a tenth where there is an endpoint', () => {
    expect(settings({})).toMatchObject({ enabled: false, sampleRate: 0.1, recordArguments: false });
    expect(settings({ tracing: { endpoint: 'http://collector:4318' } })).toMatchObject({
      enabled: true,
      url: 'http://collector:4318/v1/traces',
      sampleRate: 0.1,
    });
    expect(settings({ tracing: { enabled: false, endpoint: 'http://collector:4318' } }).enabled).toBe(false);
  });

  it('[G2] takes the vocabulary of the second server of the guide', () => {
    expect(settings({ enableDistributedTracing: true, tracingSampleRate: 0.25 })).toMatchObject({
      enabled: true,
      url: 'http://127.0.0.1:4318/v1/traces',
      sampleRate: 0.25,
    });
    expect(settings({ enableTracing: true }).enabled).toBe(true);
  });

  it('[O3] takes the vocabulary of the guide’s enable_distributed_tracing', () => {
    const tracing = {
      serviceName: 'mcp-analytics-server',
      traceSamplingRate: 0.5,
      exportEndpoint: 'http://jaeger:4318/v1/traces',
    };
    expect(settings({ tracing })).toMatchObject({
      enabled: true,
      serviceName: 'mcp-analytics-server',
      sampleRate: 0.5,
      url: 'http://jaeger:4318/v1/traces',
    });
  });

  it.each([
    [{ tracing: { enabled: true }, enableDistributedTracing: false }, 'enableDistributedTracing'],
    [{ enableDistributedTracing: true, enableTracing: false }, 'enableTracing'],
    [{ tracing: { sampleRate: 0.1 }, tracingSampleRate: 0.2 }, 'tracingSampleRate'],
    [{ tracing: { sampleRate: 0.1, traceSamplingRate: 0.2 } }, 'tracing.traceSamplingRate'],
    [{ tracing: { endpoint: 'http://a', exportEndpoint: 'http://b' } }, 'tracing.exportEndpoint'],
  ])('[S2] refuses two names that disagree: %o', (given, path) => {
    const { error } = monitoringOptions.safeParse(given);
    expect(error?.issues).toMatchObject([
      { path: path.split('.'), message: expect.stringContaining('keep one of them') },
    ]);
  });

  it('[O3] answers the guide’s endpoint with what to use instead', () => {
    const { error } = monitoringOptions.safeParse({ tracing: { exportEndpoint: 'http://jaeger:14268/api/traces' } });
    expect(error?.issues).toMatchObject([
      { path: ['tracing', 'exportEndpoint'], message: expect.stringContaining('use http://jaeger:4318/v1/traces') },
    ]);
  });

  it.each([{ sampleRate: 1.1 }, { sampleRate: -0.1 }, { queueSize: 10, batchSize: 11 }, { timeoutMs: 0 }])(
    '[S2] refuses %o',
    (tracing) => {
      expect(monitoringOptions.safeParse({ tracing }).success).toBe(false);
    },
  );
});

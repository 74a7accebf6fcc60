import { describe, expect, it } from 'vitest';
import { monitoringOptions } from './monitoring.options.js';
import { MonitoringSettings } from './monitoring.settings.js';

const settings = (given: object): MonitoringSettings => new MonitoringSettings(monitoringOptions.parse(given));

describe('the section monitoring', () => {
  it('shows metrics on the main port and checks every 30 seconds when nothing is said', () => {
    expect(settings({})).toMatchObject({
      metrics: { enabled: true, exportPort: undefined, exportHost: '127.0.0.1', collectionInterval: 30 },
      health: { enabled: true, healthCheckInterval: 30, timeoutMs: 800 },
    });
  });

  it('[S1] takes the vocabulary of the first server of the guide', () => {
    const metricsConfig = { exportFormat: 'prometheus', exportPort: 9090, collectionInterval: 10 };
    expect(settings({ enableMetrics: true, metricsConfig }).metrics).toMatchObject({
      enabled: true,
      exportPort: 9090,
      collectionInterval: 10,
    });
  });

  it('[G2] takes the vocabulary of the second server of the guide', () => {
    const { metrics, health } = settings({
      enableMetrics: false,
      metricsExportFormat: 'prometheus',
      metricsExportPort: 9090,
      enableHealthChecks: false,
      healthCheckInterval: 5,
    });
    expect(metrics).toMatchObject({ enabled: false, exportPort: 9090 });
    expect(health).toMatchObject({ enabled: false, healthCheckInterval: 5 });
  });

  it('takes two names that agree', () => {
    expect(settings({ metrics: { exportPort: 9090 }, metricsExportPort: 9090 }).metrics.exportPort).toBe(9090);
  });

  it.each([
    [{ metrics: { exportPort: 9090 }, metricsExportPort: 9091 }, 'metricsExportPort'],
    [{ metrics: { exportPort: 9090 }, metricsConfig: { exportPort: 9091 } }, 'metricsConfig.exportPort'],
    [
      { metricsConfig: { collectionInterval: 1 }, metrics: { collectionInterval: 2 } },
      'metricsConfig.collectionInterval',
    ],
    [{ metrics: { enabled: true }, enableMetrics: false }, 'enableMetrics'],
    [{ health: { enabled: true }, enableHealthChecks: false }, 'enableHealthChecks'],
    [{ health: { healthCheckInterval: 1 }, healthCheckInterval: 2 }, 'healthCheckInterval'],
  ])('[S2] refuses two names that disagree: %o', (given, path) => {
    const { error } = monitoringOptions.safeParse(given);
    expect(error?.issues).toMatchObject([
      { path: path.split('.'), message: expect.stringContaining('keep one of them') },
    ]);
  });

  it.each([
    { metricsExportFormat: 'statsd' },
    { metrics: { exportFormat: 'json' } },
    { metrics: { exportPort: 70_000 } },
  ])('[S2] refuses %o', (given) => {
    expect(monitoringOptions.safeParse(given).success).toBe(false);
  });
});

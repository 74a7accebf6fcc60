export { HealthChecks, type HealthFinding, type HealthReport } from './health/health-checks.js';
export { HealthIndicator, type HealthIndicatorOptions } from './health/health-indicator.decorator.js';
export { MetricsPage } from './metrics/metrics-page.js';
export { MetricsServer } from './metrics/metrics-server.js';
export { MonitoringAccess } from './monitoring-access.js';
export { MonitoringModule, type MonitoringExtras, type MonitoringModuleOptions } from './monitoring.module.js';
export { monitoringOptions, type MonitoringOptions } from './monitoring.options.js';
export { MonitoringSettings, type HealthSettings, type MetricsSettings } from './monitoring.settings.js';

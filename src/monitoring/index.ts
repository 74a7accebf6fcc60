export { MonitoringModule } from './monitoring.module.js';
export { monitoringOptions, type MonitoringOptions } from './monitoring.options.js';

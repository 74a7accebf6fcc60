export { AnalyticsModule } from './analytics.module.js';
export { analyticsOptions, type AnalyticsOptions } from './analytics.options.js';

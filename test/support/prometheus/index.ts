export { alertmanager, amtool, prometheus, promtool } from './programs.js';
export { startAlertmanager, startPrometheus, type MonitoringServer } from './servers.js';
export { runAmtool, runPromtool, type ToolResult } from './tools.js';

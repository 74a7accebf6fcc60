export { AppConfigModule } from './app-config.module.js';
export {
  CLIENT_CONFIG_FILES,
  MCP_CLIENTS,
  clientConfig,
  mcpUrl,
  type HttpConnection,
  type McpClient,
  type ServerAddress,
  type StdioConnection,
} from './client-config.js';
export { configFiles, fileExists, type ConfigFile } from './config-files.js';
export { processSource, type ConfigOverrides, type ConfigSource, type OverrideValue } from './config-source.js';
export { ConfigurationError, describeConfigurationFault, type ConfigurationFault } from './configuration-error.js';
export { environmentCredential } from './environment-credential.js';
export { keyReference } from './key-reference.js';
export { loadConfig, type ConfigSituation, type CrossCheck } from './load-config.js';
export { packageInfo, type PackageInfo } from './package-info.js';
export { redactConfig } from './redact-config.js';
export type { Config, ConfigSections } from './schema-node.js';

import type { INestApplicationContext } from '@nestjs/common';
import type { AppConfig } from '../app.module.js';
import { createApplication } from '../bootstrap.js';
import { reserveStdout } from '../mcp/index.js';

/**
 * Makes the application for one command: prepared, listening nowhere, and as quiet as `level` says.
 *
 * stdout is for the answer of the command: what the application writes there itself, as an audit sink of type `stdout`
 * does, goes to stderr.
 */
export async function openApplication(config: AppConfig, level: 'warn' | 'error'): Promise<INestApplicationContext> {
  reserveStdout();
  const { logging } = config.monitoring;
  const quiet = { ...logging, level: logging.level === 'silent' ? ('silent' as const) : level };
  const monitoring = { ...config.monitoring, logging: quiet };
  return await createApplication({ ...config, monitoring }, { serves: false });
}

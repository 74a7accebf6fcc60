import { startApplication } from './bootstrap.js';
import { ConfigurationError } from './config/index.js';

/** Starts the application from the configuration: over HTTP, or over stdio with `--stdio`. */
try {
  await startApplication({ transport: process.argv.includes('--stdio') ? 'stdio' : 'http' });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigurationError ? 2 : 1);
}

import { loadConfig } from '../config/index.js';
import type { Application } from './context.js';

/** The real application, loaded when a command first needs it. */
export const application: Application = {
  sections: async () => (await import('../app.module.js')).sections,
  checks: async () => (await import('../cross-checks.js')).crossChecks,
  configuration: async (source) => {
    const { sections } = await import('../app.module.js');
    return loadConfig(sections, source, (await import('../cross-checks.js')).crossChecks);
  },
  start: async (transport, overrides) => (await import('../bootstrap.js')).startApplication({ transport, overrides }),
  connect: async (choice) => (await import('./client.js')).openClient(choice),
  openStore: async (config) => (await import('./store.js')).openStore(config),
  open: async (config) => (await import('./in-process.js')).openApplication(config, 'error'),
};

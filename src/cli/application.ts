import type { Application } from './context.js';

/** The real application, loaded when a command first needs it. */
export const application: Application = {
  sections: async () => (await import('../app.module.js')).sections,
  start: async (transport, overrides) => (await import('../bootstrap.js')).startApplication({ transport, overrides }),
  connect: async (choice) => (await import('./client.js')).openClient(choice),
};

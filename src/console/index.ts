export { ConsoleModule } from './console.module.js';
export { landingText } from './landing-page.js';
export { ServerSummary, type Summary } from './server-summary.js';

export { OidcMemory } from './memory-adapter.js';
export {
  startAuthorizationServer,
  type ServerBehaviour,
  type TestAuthorizationServer,
  type TokenRequest,
} from './test-authorization-server.js';
export { TestBrowser, type Visited } from './test-browser.js';
export { ClientBench, REDIRECT_URI, person, type ClientBenchOptions } from './client-bench.js';
export { McpOAuthProvider } from './mcp-oauth-provider.js';

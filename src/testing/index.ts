export {
  createTestServer,
  type TestEra,
  type TestServer,
  type TestServerOptions,
  type TestTransport,
} from './create-test-server.js';

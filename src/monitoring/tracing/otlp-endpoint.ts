/** Where OpenTelemetry's collectors listen for OTLP over HTTP when nothing else is said (OTLP 1, default port). */
export const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318';

const TRACES_PATH = '/v1/traces';

/** The URL that spans are sent to: a collector's address alone gets the path of OTLP. */
export function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = TRACES_PATH;
  return url.href;
}

/** What is wrong with an endpoint, and what to write instead; never repeats a credential in it. */
export function endpointFault(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return 'must be a URL such as http://collector:4318';
  const url = new URL(endpoint);
  const { protocol, hostname, port, pathname, username, password } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    return `must begin with http:// or https://: spans go by OTLP over HTTP (port 4318), not ${protocol.slice(0, -1)}`;
  }
  if (username !== '' || password !== '') {
    return 'must not have a user or password in it: put the credential into tracing.headers.authorization';
  }
  if (port === '14268' || pathname.replace(/\/$/, '') === '/api/traces') {
    return `is Jaeger's collector for Thrift, and the exporter for that is gone. Jaeger takes OTLP: use ${protocol}//${hostname}:4318${TRACES_PATH}`;
  }
  if (port === '4317') {
    return `has the port of OTLP over gRPC; this server sends OTLP over HTTP: use ${protocol}//${hostname}:4318`;
  }
  return undefined;
}

/** A part of the product; it is finished as a whole. */
export type Part = keyof typeof parts;

/** One promise of the MCP node development guide, whose system this is. A test cites it: a name that begins with `[S4]` shows that S4 is true. */
export interface Requirement {
  readonly id: string;
  /** The section of the guide it comes from. */
  readonly source: string;
  readonly behaviour: string;
  /** The parts it comes with; it must be cited when the first of them is finished. */
  readonly due: readonly Part[];
}

/** The parts whose requirements must be cited. */
export const FINISHED: readonly Part[] = ['first tool call', 'protocol', 'identity', 'policies', 'operations', 'nodes'];

/** What comes with which part. */
const parts = {
  'first tool call': 'S2 S3 S4 S5 S6 S7 S8 S9 S10 S13 S14',
  protocol: 'S8 S11',
  identity: 'S2 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12',
  policies: 'S12 R1 R2 R3 R4 R5 R6 R7 R8 R9',
  operations: 'S1 O1 O2 O3 O4 O5 O6 R3 R5',
  nodes: 'N1 N2 N3 N4 N5 N6',
  workflows: 'W1 W2 W3 W4 W5 W6 W7 W8 W9 W10 S6 L1 L2 L3 L4 G1 G2 G3',
};

/** Section of the guide, id, behaviour. */
const promises: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'MCPServerBase and MCPServer': {
    S1: "The guide's first server (name, version, API keys, caching, breaker, metrics, rate limits) starts from one configuration file and answers an official MCP client.",
    S2: 'An unknown configuration key, a wrong type, an unknown role or validator, a missing secret stops the start; all faults are listed at once, each with its path and what was expected.',
    S9: 'Lists are paginated with opaque cursors, in a stable order; a bad cursor is -32602.',
    S11: "A cancelled call (client disconnect on 2026-07-28, `notifications/cancelled`) aborts the handler's signal; nothing more is sent; the slot is freed.",
    S12: "The call's deadline covers everything the call does; a late result is discarded; a timeout is counted and audited as such.",
    A1: 'API keys: found by keyed digest and compared in constant time, the same path for unknown, expired and revoked ones, stored hashed, each with id, permissions, roles, attributes, expiry, per-key limits; two valid keys for one id during rotation; a revoked key stops working within the configured seconds, also in a principal cache.',
    R1: "`cacheTtl: 0` never caches; `null` results are cached; `maxSize` evicts; the key holds the tool, its version, the validated arguments and the principal's scope; sharing between principals must be asked for.",
    R2: 'Ten concurrent identical calls run the body once; cancelling the first does not fail or hang the others; an unrelated key is not held up.',
    R4: 'Limits: per tool, per principal, global, with a burst; N allowed, N+1 refused with the seconds to wait; other tools and principals unaffected; they hold across processes when Redis is configured; they work without auth (by client address). What happens when the store is down (allow or refuse) is configured and counted.',
    R5: "A breaker per tool: closed lets calls pass; opens after `failureThreshold` faults of the tool (refusals, bad arguments and cancellations don't count); refuses at once while open with the time left; half-open admits at most `halfOpenMaxCalls`; closes on success. States are in metrics and health.",
    R7: 'Bodies over `maxMessageSize` are refused before they are read; a decompressed size is limited too; deep or huge JSON does not stall the process.',
  },
  'Basic Tool Creation': {
    S4: 'Input schemas are enforced before the tool runs (type, minimum, maximum, enum, items, required); defaults are applied, for raw JSON Schema too; unknown properties are refused, and the listed schema says so (`additionalProperties: false`), unless the schema allows them; the answer names every fault; the tool is not invoked.',
    S5: 'Output schemas are enforced: a valid object comes back as `structuredContent` plus the same as JSON text; an invalid one is an error that does not leak the value.',
    S6: 'A tool may return a string, number, object, content blocks, or a stream; strings are not quoted, objects are JSON.',
    S10: 'Nest enhancers on a tool method and `APP_GUARD`/`APP_INTERCEPTOR`/`APP_PIPE`/`APP_FILTER` run on tool calls, over HTTP and stdio, request-scoped ones included.',
    S13: "Our guards and interceptors also work on an ordinary controller through `@UseGuards` and `@UseInterceptors`, are replaced in tests by `overrideGuard`/`overrideProvider`, and a team's `Reflector`-based guard works on a tool.",
    S14: 'A schema may be a DTO class (class-validator, as Nest teams have them, optional peers), any Standard Schema, or raw JSON Schema; each gives the listed schema and the enforcement.',
    G3: 'Statistics agree with SciPy to 1e-9 (mean, median, std, t interval, linear regression with p value and standard error, autocorrelation, skewness, kurtosis, Pearson).',
  },
  'Single Node Tools': {
    N1: '`CSVReaderNode`: `file_path`, `delimiter` (and detection), `encoding`, `include_headers`, `skip_empty_rows`, quoting, type inference, row limit; streams a file larger than memory; a ragged or badly quoted row is an error with its line, or skipped and counted when told to.',
    N3: 'Code nodes run in another process or sandbox without secrets, network or host files; killed at their timeout, also in an endless loop; memory limited; their output limited; a crash never reaches the server. pandas, NumPy and SciPy as in the guide.',
    N4: "`result` is the output; an exception comes back with its type, message and line in the user's code, no host paths; indented code runs; comprehensions and recursion work; strings of any length and content arrive unchanged.",
    N5: '`LLMAgentNode`: `prompt` or `messages`, `system_prompt`, `model` as `provider:name`, `temperature`, `max_tokens`, structured output by schema, streaming, usage, budget; a real HTTP provider behind a port; never a made-up answer when no provider is configured.',
    N6: 'A node\'s parameters are a schema: unknown or wrong ones are errors naming node and parameter; `"false"` is not true.',
  },
  'Workflow-Based Tools': {
    W1: 'A graph is validated whole before it runs: unknown node, unknown output or input, missing required parameter, unmarked cycle, duplicate id, unreachable node: every fault at once, with "did you mean".',
    W2: '`result.cleaned_data` paths (list indexes too); a missing path is an error naming node and path; one output may feed many inputs, two inputs of one node included.',
    W3: 'Independent nodes run concurrently; a failed node fails the run whether or not it is a leaf, unless `continueOnError` or `defaultResult` says otherwise; the error names the node.',
    W4: 'Retry per node (attempts, back-off with jitter, cap, what is retryable), timeout per node and per run, passed down as an abort signal.',
    W5: 'Conditions (switch: boolean and cases), skipped branches skip what depends on them alone, merge, map over items with bounded concurrency and order kept, sub-workflows with a depth limit.',
    W6: 'Cycles: declared, with `maxIterations` and a convergence expression (evaluated safely, never by `eval`); a bad expression is an error, not convergence; state passes from iteration to iteration.',
    W7: 'A run can be made durable: after `kill -9` it resumes on this or another process, finished nodes are not run again, an idempotency key `run/node/iteration` reaches every node; a stalled worker that wakes up cannot overwrite; losing the queue loses no run.',
    W8: "A run uses the caller's identity for every inner call, re-checked at execution; a workflow gives nobody new rights.",
    W9: 'Long workflows answer as MCP tasks to clients that speak them, with progress; the result is kept for a time; a retry with the same idempotency key returns the same run rather than a second one.',
    W10: 'The definition a run started with is the one it finishes with, also when the code has changed.',
  },
  'Authentication and Authorization': {
    A2: 'JWT: HS256/RS256/ES256/EdDSA, secret, public key or JWKS URL with rotation; issuer, audience (string or list), expiry, not-before, clock tolerance; `alg: none` and algorithm confusion refused; claims mapped to id, permissions, roles by configuration, by path (`realm_access.roles`, `scp`), groups mapped to roles; token shapes of Entra, Okta and Keycloak. missing iss / wrong iss / missing aud / foreign aud / expired → refused; valid → accepted.',
    A3: 'OAuth 2.1 resource server: RFC 9728 metadata at both well-known places, 401 with `WWW-Authenticate` (no `error` when no token came), audience check, 403 `insufficient_scope` step-up naming all scopes of the operation, scope hierarchy. No token in a query, never passed upstream.',
    A4: '`OAuth2Client`: authorization code with PKCE S256 and `state`, client credentials, refresh with one refresh in flight however many callers, rotation grace; tokens in memory, Redis or the database, encrypted at rest.',
    A5: 'Credentials are taken from the request (HTTP header; environment on stdio), never from tool arguments; one guard covers tools, resources, prompts, completions, subscriptions and tasks alike. Nothing is reachable without it once auth is configured, except what `requiresAuth: false` marks public.',
    A6: "Missing roles or permissions: not listed, and calling it answers exactly like calling one that does not exist. Missing token scopes alone: listed, and 403 step-up. A resource permission, a validator or a team's guard that refuses: listed, `forbidden`. Lists and calls use the same decision; the audit always has the true reason.",
    A7: 'Roles → permissions, resource permissions (`datasets:update` by role) and dynamic validators (`permissionValidators`) as in the guide; validators may be async and inject services; a validator that throws refuses.',
    A8: "`requiredPermissions: []` or an unknown role in a tool's policy stops the start. A tool without any policy when auth is on is reported at start, and refused if `auth.requirePolicy` is set.",
    A10: "Handles (session, task, stream, requestState, cursor) are bound to the principal and expire; another principal's handle answers like an unknown one.",
    A12: '`permissions.mode: report` lets through and records what would be refused; a denial can be explained: which rule, for which principal.',
  },
  'Streaming and Large Data Handling': {
    L1: 'Streaming tools are async generators: metadata, batches with progress, completion; the client sees chunks while it runs; memory stays flat for a data set of any size.',
    L2: 'Pause, resume and cancel: by the client (through handles it may page through) and by back-pressure when it does not read; a paused stream costs no CPU, expires, and survives nothing it does not promise.',
    L3: '`binary://{resource_type}/{resource_id}`: blob, MIME type and metadata; images with width, height, format; models with framework, version and parameter count from their headers (safetensors, ONNX, GGUF); datasets with rows, columns, schema; large ones by range; unknown ones -32602; `binary://image/a/b` does not match; a dot in a template is a dot.',
  },
  'Complete Production Server': {
    S3: 'Configuration comes from defaults < file(s) < environment; nested keys by `__`; any secret also from `NAME_FILE`; printed configuration is redacted.',
    S8: 'Tools may be registered, replaced and removed while serving; they take the same guards and policies as decorated ones; clients are told by `list_changed`.',
    A11: 'A server that is reachable from other hosts, or runs with `NODE_ENV=production`, without authentication or with a weak or sample secret refuses to start and says why.',
    R3: 'Redis as cache back end: a Redis that is down, slow or restarted degrades to no cache within a bounded time, is counted and shown in health, and recovers by itself; no call fails because of it.',
    R8: 'SIGTERM: stops accepting, finishes or aborts calls within the grace period, flushes audit and traces, exits 0; no accepted call is left without an answer.',
    R9: "Two processes behind a round-robin proxy without stickiness serve the 2026 era whole, `requestState`, list-changed and tasks included (Redis or the database between them); for 2025 sessions the documentation says what affinity they need, and a request that reaches the wrong process gets 404, never another's session.",
    L4: 'Standard compression over HTTP above a threshold; on stdio, compression and encryption are negotiated with our own client and plain MCP stays the default; an oversized frame, a truncated frame and a forged frame are refused with a clear error.',
    G2: 'The production server starts from `config/production.yaml` with JWT, Redis, metrics, health, tracing and permissions on, and each of its parts can be seen working from outside.',
  },
  'Tool Design Patterns': {
    S7: 'A throwing tool gives `isError` with a message the model can act on for expected errors, and for unexpected ones a generic text with a correlation id that is in the log; never a stack, path, secret or driver text.',
    R6: 'Concurrency limits per tool and in all, with a bounded queue; over it a call is refused at once rather than made to wait for ever.',
    O5: 'Logs are structured, carry correlation, trace and principal ids, never arguments or secrets; on stdio they go to stderr.',
  },
  'Security Best Practices': {
    A9: 'Every call is audited once, refusals included: who, on whose behalf, what, outcome, reason, duration, redacted arguments, correlation id. `AuditLogger.logOperation` and `logFileAccess` are injectable for a tool\'s own records; `auditLogging: true` on a tool means durable before the answer, with redacted details. The trail is hash-chained per writer, with opening and closing marks, heads cross-anchored in the store; a command verifies it and reports an unclean end as "records after N may be missing"; a full or failing sink never loses a record silently (configurable: block or refuse).',
    N2: 'File access stays inside the configured roots: `..`, absolute paths, symlinks out, sibling prefixes (`/data` is not `/data2`), NUL bytes, device files are refused.',
  },
  'Monitoring and Observability': {
    O1: 'Prometheus: tool duration histogram, calls by outcome, in flight, cache hits and misses, limiter and breaker states, workflow and node durations, queue depth, process metrics; names with units, `HELP` and `TYPE`; bounded label sets. `promtool check metrics` passes.',
    O2: "Health: live and ready; built-in checks for database, Redis, disk, memory, event loop, upstream; `@HealthIndicator('name')` registers a team's own; each has a deadline; a denied call never breaks it.",
    O3: 'Traces: OTLP; a trace started by the client (`_meta.traceparent` or the HTTP header) continues through tool, node, workflow and outbound HTTP; sampling rate honoured; no arguments in spans unless asked for.',
    O4: "Alerts: the guide's rules (`error_rate > 0.05` for `5m` → action) are evaluated in process with webhook and log actions (fire once, resolve, no flapping), and the same rules export as a Prometheus rule file that `promtool check rules` accepts.",
    O6: 'Every metric of the guide (`tool_execution_time`, `tool_success_rate`, `concurrent_requests`, `cache_hit_rate`, `error_rate`) is defined by a formula over ours, may be used in alert conditions, and stands in a table of the documentation; `collectionInterval` is the sampling of gauges and the evaluation of alerts.',
  },
  'the whole guide': {
    G1: 'Every tool that the guide shows is in the application and does what the guide says on real data: `search_knowledge_base`, `analyze_data`, `read_csv_file`, `execute_python_code`, `ai_assistant`, `data_analysis_pipeline`, `sensitive_data_operation`, `stream_dataset_processing`, `binary_resource_handler`, `secure_file_operation`, `health_check`, and the production set (`read_csv`, `execute_python`, `ai_assistant`, `data_pipeline`).',
  },
};

/** What must be true of the product. */
export const requirements: readonly Requirement[] = Object.entries(promises).flatMap(([source, behaviours]) =>
  Object.entries(behaviours).map(([id, behaviour]) => ({ id, source, behaviour, due: partsOf(id) })),
);

function partsOf(id: string): readonly Part[] {
  return (Object.keys(parts) as Part[]).filter((part) => parts[part].split(' ').includes(id));
}

/** Every id of `parts`, so that a slip of the pen there is found. */
export const dueIds: readonly string[] = Object.values(parts).flatMap((ids) => ids.split(' '));

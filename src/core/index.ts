export { ActiveCall, type ActiveScope } from './active-call.js';
export { answeredWithin } from './answered-within.js';
export {
  MissingClientCapabilityError,
  Suspension,
  type AskKind,
  type AskOptions,
  type AskRequest,
  type ElicitAnswer,
  type ElicitOptions,
  type ElicitUrlAnswer,
  type ElicitUrlOptions,
  type Root,
  type SamplingAnswer,
  type SamplingMessage,
  type SamplingOptions,
} from './asking.js';
export { AsyncInterceptor } from './async-interceptor.js';
export { AttemptLimiter, InMemoryAttemptLimiter, type AttemptLimits } from './attempt-limiter.js';
export {
  Call,
  type CallInit,
  type ClientChannel,
  type LogLevel,
  type Progress,
  type Run,
  type Target,
  type TraceContext,
  type WireFacts,
} from './call.js';
export { clientNetwork, type ClientNetwork } from './client-network.js';
export { MCP_CONTEXT, callOf } from './call-context.js';
export { CallGuard, FAILURE_STATUSES, asHttpException, type CallCheck } from './call-guard.js';
export type { EndListener, WaitListener } from './call-listeners.js';
export { CallNotes, type CallNote } from './call-notes.js';
export { CallObserver, CallObservers, type RefusedAttempt, type RunObserver } from './call-observer.js';
export { Caller } from './caller.js';
export { ChangeBus, InMemoryChangeBus, type ServerChange } from './change-bus.js';
export {
  isContentBlock,
  isToolResult,
  type Annotations,
  type AudioContent,
  type BlobResourceContents,
  type ContentBlock,
  type EmbeddedResource,
  type Icon,
  type ImageContent,
  type Meta,
  type PromptMessage,
  type ResourceContents,
  type ResourceLink,
  type TextContent,
  type TextResourceContents,
  type ToolAnnotations,
  type ToolResult,
} from './content.js';
export type { ContractExpectations, ContractRunner } from './contract-runner.js';
export { CoreModule } from './core.module.js';
export { DenialReason } from './denial.js';
export { ARGS_METADATA, CALL_PARAMETER, INPUT_PARAMETER, markEntryProvider } from './entry-provider.js';
export {
  CancelledError,
  ForbiddenError,
  InsufficientScopeError,
  InternalError,
  InvalidArgumentsError,
  RookeryError,
  ToolError,
  UnauthenticatedError,
  UnknownTargetError,
  asRookeryError,
  describeFault,
  type ErrorDetails,
} from './errors.js';
export {
  EgressGuard,
  type EgressGuardOptions,
  type EgressRequest,
  type EgressResponse,
} from './egress/egress-guard.js';
export { EgressPolicy, EgressRefusedError, type EgressReason, type EgressRules } from './egress/egress-policy.js';
export {
  FilePlace,
  ListableFolder,
  ReadableFile,
  type FolderEntry,
  type FolderPage,
} from './file-roots/file-handles.js';
export { FileRoots, type FileRootOptions, type FileUse } from './file-roots/file-roots.js';
export { HealthDegradedError, HealthIndicators, type HealthDetails, type HealthProbe } from './health-indicators.js';
export { InFlightMap } from './in-flight-map.js';
export { InMemoryTelemetry } from './in-memory-telemetry.js';
export { LinkedList, type Linked, type Links } from './linked-list.js';
export {
  LOGGER_LEVELS,
  LogLevels,
  MAX_MODULE_LEVELS,
  MODULE_PATTERN,
  type LoggerLevel,
  type ModuleLevel,
} from './logging/log-levels.js';
export type { LogDestination } from './logging/log-output.js';
export { RookeryLogger, type LogFormat, type RookeryLoggerOptions } from './logging/logger.js';
export { Logging } from './logging/logging.js';
export { adopted, andThen, type MaybePromise } from './maybe-promise.js';
export { MethodExplorer, type DiscoveredClass, type DiscoveredMethod } from './method-explorer.js';
export type { FailureCode, OutcomeCode } from './outcome-code.js';
export { isFailure, type Failure, type Outcome, type Success } from './outcome.js';
export { PolicyKeys } from './policy.js';
export { POLICY_METADATA, SetPolicy, policyOf } from './set-policy.js';
export { principalKey, type Principal } from './principal.js';
export { redactError, redactText } from './redaction.js';
export type { CompiledSchema, JsonSchema, ParseResult } from './schema/compiled-schema.js';
export { MAX_FAULTS, formatPath, type Fault } from './schema/fault.js';
export { isObject } from './schema/json-schema.js';
export { NO_ARGUMENTS, SchemaCompiler, type SchemaSource, type SchemaWithJson } from './schema/schema-compiler.js';
export { isStandardSchema, type StandardSchema } from './schema/standard-schema.js';
export { SelfTests, type SelfTest, type SelfTestResult } from './self-tests.js';
export { ServerStatus, isLoopback, type ServerIdentity } from './server-status.js';
export { SharedPorts } from './shared-ports.js';
export { InMemorySingleUseMarks, SingleUseMarks } from './single-use-marks.js';
export {
  SqlConnections,
  type BoundedResult,
  type BoundedStatement,
  type SqlDatabase,
  type SqlExecutor,
  type SqlResult,
  type SqlRow,
  type SqlValue,
} from './sql.js';
export { describeOrigin, type CallKind, type Policy, type TargetMethod, type TargetOrigin } from './target-parts.js';
export { TargetRegistries, TargetRegistry, type Found } from './target-registry.js';
export { closest } from './suggest.js';
export {
  Telemetry,
  type Counter,
  type Gauge,
  type Histogram,
  type Labels,
  type MetricDefinition,
  type MetricFamily,
  type Sample,
} from './telemetry.js';
export {
  NoTracer,
  Tracer,
  TracerSource,
  UNRECORDED,
  type RunningSpan,
  type SpanAttributes,
  type SpanOptions,
  type TraceCarrier,
} from './tracer.js';

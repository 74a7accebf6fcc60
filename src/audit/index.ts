export { AuditAnchors, InMemoryAuditAnchors, type AuditAnchor, type AuditPlace } from './audit-anchors.js';
export type { AuditEntry, AuditEvent, AuditedPrincipal } from './audit-entry.js';
export { AuditLog } from './audit-log.js';
export { AuditLogger, type AuditedBy, type AuditedFileAccess, type AuditedOperation } from './audit-logger.js';
export { MAX_RECORDED, AuditRedactor } from './audit-redactor.js';
export { AuditSink, type AuditLine, type RemovableRecords } from './audit-sink.js';
export { describeAuditAnchors, describeAuditSink, type ContractTools } from './audit-sink.contract.js';
export { AuditSinkFactories, type AuditSinkFactory } from './audit-sink-factories.js';
export { AuditTrail, AuditUnavailableError, type AuditTrailState } from './audit-trail.js';
export { AuditVerifier, verifyAuditLines, type VerifierOptions } from './audit-verifier.js';
export { AuditWriter, type AuditWriterEvents, type AuditWriterOptions } from './audit-writer.js';
export { AuditModule, type AuditModuleOptions } from './audit.module.js';
export { auditOptions, isAuditOn, type AuditOptions, type AuditSinkOptions } from './audit.options.js';
export { FileAuditSink, type FileAuditSinkOptions } from './file-audit-sink.js';
export {
  GENESIS,
  HashChain,
  chainDigest,
  type AuditHead,
  type ChainDigest,
  type NamedHead,
  type SealedRecord,
  type UnsealedRecord,
} from './hash-chain.js';
export { InMemoryAuditSink } from './in-memory-audit-sink.js';
export { StdoutAuditSink } from './stdout-audit-sink.js';
export {
  formatVerification,
  type AuditProblem,
  type AuditProblemKind,
  type AuditVerification,
  type VerifiedTrail,
} from './verification.js';
export { verifyAuditFiles, type VerifyFilesOptions } from './verify-audit-files.js';

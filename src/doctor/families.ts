import { certificate } from './checks/certificate.check.js';
import { databases } from './checks/databases.check.js';
import { auditFolders, disk, fileRoots } from './checks/files.checks.js';
import { nodeVersion, packages } from './checks/installation.checks.js';
import { authorizationServers, issuerKeys } from './checks/issuers.check.js';
import { languageModels } from './checks/llm.check.js';
import { memory, openFiles } from './checks/machine.checks.js';
import { ports } from './checks/ports.check.js';
import { authentication, exposure, failOpen, recording } from './checks/posture.checks.js';
import { tracing, webhooks } from './checks/receivers.check.js';
import { redis } from './checks/redis.check.js';
import { secretFiles } from './checks/secret-files.check.js';
import { selfTests } from './checks/self-tests.check.js';
import type { ConfiguredFamily, HostFamily } from './doctor-check.js';

/** What is asked over the network; these meet other clocks. */
export const BACK_ENDS: readonly ConfiguredFamily[] = [
  databases,
  redis,
  issuerKeys,
  authorizationServers,
  tracing,
  webhooks,
  languageModels,
];

/** What needs a valid configuration, in the order of the report. */
export const CONFIGURED: readonly ConfiguredFamily[] = [
  authentication,
  exposure,
  failOpen,
  secretFiles,
  certificate,
  recording,
  ...BACK_ENDS,
  auditFolders,
  disk,
  fileRoots,
  selfTests,
  ports,
];

/** What is looked at in any case, in the order of the report. */
export const HOST: readonly HostFamily[] = [nodeVersion, packages, openFiles, memory];

/** Everything that `--only` may name. */
export const FAMILY_NAMES: readonly string[] = [
  'configuration',
  ...CONFIGURED.map(({ name }) => name),
  ...HOST.map(({ name }) => name),
  'clock',
];

import { SelfTests } from '../core/index.js';
import { codeSelfTests } from '../nodes/index.js';
import type { DoctorConfig } from './doctor-subject.js';

/** Adds the self-tests that a module has under a configuration. */
export type SelfTestSource = (config: DoctorConfig, tests: SelfTests) => void;

/** What of this server tries itself: the sandboxes of code nodes. */
export const SELF_TEST_SOURCES: readonly SelfTestSource[] = [
  ({ nodes }, tests) => codeSelfTests(nodes.code).forEach((test) => tests.add(test)),
];

/** The self-tests of a configuration, made without the server that they belong to. Nothing is tried yet. */
export function selfTestsOf(config: DoctorConfig, sources: readonly SelfTestSource[] = SELF_TEST_SOURCES): SelfTests {
  const tests = new SelfTests();
  for (const source of sources) source(config, tests);
  return tests;
}

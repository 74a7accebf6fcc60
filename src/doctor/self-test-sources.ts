import { SelfTests } from '../core/index.js';
import type { DoctorConfig } from './doctor-subject.js';

/** Adds the self-tests that a module has under a configuration. */
export type SelfTestSource = (config: DoctorConfig, tests: SelfTests) => void;

/** The self-tests of sources, made without the server that they belong to. */
export function selfTestsOf(config: DoctorConfig, sources: readonly SelfTestSource[]): SelfTests {
  const tests = new SelfTests();
  for (const source of sources) source(config, tests);
  return tests;
}

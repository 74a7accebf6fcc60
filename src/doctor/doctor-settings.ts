import type { ConfigSections, ConfigSource } from '../config/index.js';
import type { DoctorConfig } from './doctor-subject.js';

/** What the checks at start are made with; also its injection token. */
export abstract class DoctorSettings {
  abstract readonly config: DoctorConfig;
  /** The schemas of the configuration, which say what of it is secret. */
  abstract readonly sections: ConfigSections;
  /** Where the configuration was read from. */
  abstract readonly source: ConfigSource;
  /** Whether the application serves anybody; for one command nothing is checked. */
  abstract readonly serves: boolean;
}

import type { ChangeBus } from './change-bus.js';
import type { SingleUseMarks } from './single-use-marks.js';

/** What the processes of one server share. Provided globally by who has the back end; without, each keeps to itself. */
export abstract class SharedPorts {
  abstract readonly changes: ChangeBus;
  abstract readonly marks: SingleUseMarks;
}

import { Call, type CallInit, type Target } from '../core/index.js';

class Origin {
  method(): void {
    throw new Error('Nothing runs this.');
  }
}

/** A target for the specs of this folder, of which nothing matters but what they say. */
export function targetOf(parts: Partial<Target> = {}): Target {
  return {
    kind: 'tool',
    name: 'search',
    policy: {},
    origin: {
      type: Origin,
      methodName: 'method',
      handler: Object.getOwnPropertyDescriptor(Origin.prototype, 'method')?.value as () => void,
    },
    input: { jsonSchema: {}, parse: (value) => ({ ok: true, value }) },
    body: () => undefined,
    ...parts,
  };
}

/** A call that has found its target. */
export function callTo(target: Target, init: Partial<CallInit> = {}): Call {
  const call = new Call({ kind: target.kind, name: target.name, input: {}, ...init });
  call.bind(target, call.input);
  return call;
}

import type { Policy } from './target-parts.js';

/** Where decorators store what they ask of the pipeline, for MCP targets and ordinary routes alike. */
export const POLICY_METADATA = 'mcp:policy';

type Mark = MethodDecorator & ClassDecorator;

/**
 * A decorator that asks something of the pipeline, beside what `@McpTool()` and its kin say, on a method or on the class
 * for all of its methods. A method's word goes over its class's.
 *
 * @throws Error when the method or class has another decorator that says the same
 */
export function SetPolicy(policy: Policy): Mark {
  const mark = (target: object, methodName?: string | symbol): void => {
    const on = methodName === undefined ? target : (Reflect.get(target, methodName) as object);
    const known = (Reflect.getOwnMetadata(POLICY_METADATA, on) ?? {}) as Policy;
    const twice = Object.keys(policy).find((key) => key in known);
    if (twice !== undefined) {
      const place = methodName === undefined ? (target as { name: string }).name : String(methodName);
      throw new Error(`${place}: "${twice}" is set by two decorators; keep one of them.`);
    }
    Reflect.defineMetadata(POLICY_METADATA, { ...known, ...policy }, on);
  };
  return mark;
}

/** What the decorators of a method and of its class ask of the pipeline. */
export function policyOf(type: object, handler: object): Policy {
  return {
    ...(Reflect.getMetadata(POLICY_METADATA, type) as Policy | undefined),
    ...(Reflect.getMetadata(POLICY_METADATA, handler) as Policy | undefined),
  };
}

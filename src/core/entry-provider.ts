import { ENTRY_PROVIDER_WATERMARK } from '@nestjs/common/internal';

/** Where the parameters of a decorated method are described that has no parameter decorators of its own. */
export const ARGS_METADATA = 'mcp:args';

/** Nest's numbers for what a parameter is taken from; pipes see the first as `body` and leave the second alone. */
export const INPUT_PARAMETER = 3;
/** See {@link INPUT_PARAMETER}. */
export const CALL_PARAMETER = 0;

/**
 * Marks a method as one through which calls enter, and its class with it.
 *
 * Without the mark on the class Nest silently skips request-scoped `APP_GUARD`s on plain providers: a guard that fails
 * open. The parameters are `(input, call)` unless parameter decorators say otherwise.
 */
export function markEntryProvider(prototype: object, methodName: string | symbol): void {
  Reflect.defineMetadata(ENTRY_PROVIDER_WATERMARK, true, prototype.constructor);
  const parameters = {
    [`${INPUT_PARAMETER}:0`]: { index: 0, data: undefined, pipes: [] },
    [`${CALL_PARAMETER}:1`]: { index: 1, data: undefined, pipes: [] },
  };
  Reflect.defineMetadata(ARGS_METADATA, parameters, prototype.constructor, methodName);
}

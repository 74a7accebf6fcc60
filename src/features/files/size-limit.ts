import { ForbiddenError, type Principal } from '../../index.js';

/** Bytes that nobody may exceed: a file passes through the server's memory as a whole (64 MiB). */
export const LARGEST_FILE = 67_108_864;

/** The guide writes claims in snake_case, the server's own keys are in camelCase. */
const ATTRIBUTES = ['maxFileSize', 'max_file_size'] as const;

/**
 * The bytes of the largest file that somebody may read or write (guide, `user_context.max_file_size`). Where a caller has
 * both attributes, the smaller counts.
 *
 * @throws ForbiddenError when an attribute is no whole number of bytes: what was meant as a limit is not passed over.
 */
export function sizeLimit(principal: Principal | undefined, standard: number): number {
  const given = ATTRIBUTES.flatMap((name) => {
    const value = principal?.attributes[name];
    return value === undefined ? [] : [checked(name, value)];
  });
  return Math.min(LARGEST_FILE, given.length === 0 ? standard : Math.min(...given));
}

function checked(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ForbiddenError(
    `The attribute ${name} of the caller is no whole number of bytes; whoever issued the credential must correct it.`,
  );
}

import { BadRequestException } from '@nestjs/common';
import type { z } from 'zod';

/**
 * What a request brought, as a schema has it.
 *
 * @throws BadRequestException naming every fault with its path
 */
export function parsed<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  throw new BadRequestException(
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`),
  );
}

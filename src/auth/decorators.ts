import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { SetPolicy, callOf, type Principal } from '../core/index.js';

/** What stands on a method, or on a class for all of its methods. */
type Mark = MethodDecorator & ClassDecorator;

/** Lets everybody call this, without a credential too: the same as the key `requiresAuth: false`. */
export function Public(): Mark {
  return SetPolicy({ requiresAuth: false });
}

/** Needs every one of these scopes of an access token: the same as the key `requiredScopes`. */
export function RequireScopes(...scopes: readonly [string, ...string[]]): Mark {
  return SetPolicy({ requiredScopes: scopes });
}

/**
 * Who is calling, as a parameter of a controller's route or of a handler; `undefined` for nobody.
 *
 * @example
 * ```ts
 * @Get('me')
 * @UseGuards(McpAuthGuard)
 * me(@CurrentPrincipal() principal: Principal): string {
 *   return principal.id;
 * }
 * ```
 */
export const CurrentPrincipal = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Principal | undefined => callOf(context).principal,
);

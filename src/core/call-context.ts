import type { ExecutionContext } from '@nestjs/common';
import { Call, type Target } from './call.js';
import type { Principal } from './principal.js';
import { policyOf } from './set-policy.js';
import { NO_ARGUMENTS } from './schema/schema-compiler.js';

/** The type that a Nest `ExecutionContext` reports for a call that came by MCP. */
export const MCP_CONTEXT = 'mcp';

const ROUTE_TARGET = 'mcp:route-target';
const ROUTE_CALL = Symbol.for('rookery.call');

/** The part of an HTTP request that a call can be made from; Fastify's and Express's both have it. */
interface RouteRequest {
  readonly ip?: string;
  readonly body?: unknown;
  readonly user?: Principal;
  [ROUTE_CALL]?: Call;
}

/**
 * The call that a guard, interceptor or filter is looking at.
 *
 * In MCP it is the one that goes through the pipeline. On an ordinary HTTP route it is made from the request, once a
 * request, with the policy that decorators put on the route's handler, compiled once a handler.
 *
 * @throws Error in any other context (RPC, WebSocket), where there is no call.
 */
export function callOf(context: ExecutionContext): Call {
  const type = context.getType<string>();
  if (type === MCP_CONTEXT) return context.getArgByIndex<Call>(1);
  if (type !== 'http') throw new Error(`There is no call in a "${type}" context; callOf() serves "mcp" and "http".`);
  const request = context.switchToHttp().getRequest<RouteRequest>();
  return (request[ROUTE_CALL] ??= routeCall(request, routeTarget(context)));
}

function routeCall(request: RouteRequest, target: Target): Call {
  const { body: input, user: principal, ip: remoteAddress } = request;
  const call = new Call({ kind: target.kind, name: target.name, input, principal, remoteAddress });
  call.bind(target, input);
  return call;
}

function routeTarget(context: ExecutionContext): Target {
  const handler = context.getHandler();
  const type = context.getClass();
  const known = Reflect.getOwnMetadata(ROUTE_TARGET, type, handler.name) as Target | undefined;
  if (known !== undefined) return known;
  const target: Target = {
    kind: 'tool',
    name: `${type.name}.${handler.name}`,
    policy: policyOf(type, handler),
    origin: { type, methodName: handler.name, handler: handler as Target['origin']['handler'] },
    input: { jsonSchema: NO_ARGUMENTS, parse: (value) => ({ ok: true, value }) },
    body: () => {
      throw new Error(`${type.name}.${handler.name} is a route: Nest runs it, not the pipeline.`);
    },
  };
  Reflect.defineMetadata(ROUTE_TARGET, target, type, handler.name);
  return target;
}

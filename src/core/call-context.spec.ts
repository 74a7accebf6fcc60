import 'reflect-metadata';
import { ExecutionContextHost } from '@nestjs/core/internal';
import { describe, expect, it } from 'vitest';
import { Call } from './call.js';
import { callOf } from './call-context.js';
import { POLICY_METADATA } from './set-policy.js';

class Orders {
  place(): string {
    return 'placed';
  }
}

class MoreOrders extends Orders {}

function contextOf(args: unknown[], type: string, host: new () => object = Orders): ExecutionContextHost {
  const context = new ExecutionContextHost(args, host, Reflect.get(Orders.prototype, 'place'));
  context.setType(type);
  return context;
}

const principal = { id: 'ann', roles: [], permissions: [], attributes: {} };

describe('callOf', () => {
  it('finds the call that goes through the pipeline', () => {
    const call = new Call({ kind: 'tool', name: 'echo', input: {} });
    expect(callOf(contextOf([{}, call], 'mcp'))).toBe(call);
  });

  it('[S13] makes the call of a route from its request, once a request', () => {
    const request = { ip: '10.0.0.7', body: { sku: 'a' }, user: principal };
    const call = callOf(contextOf([request, {}], 'http'));
    const { name, input, remoteAddress } = call;
    expect({ name, input, remoteAddress, principal: call.principal }).toEqual({
      name: 'Orders.place',
      input: { sku: 'a' },
      remoteAddress: '10.0.0.7',
      principal,
    });
    expect(callOf(contextOf([request, {}], 'http'))).toBe(call);
    expect(callOf(contextOf([{ body: request.body }, {}], 'http')).id).not.toBe(call.id);
  });

  it('[S13] compiles the target of a route once, and one for each class that inherits it', () => {
    const targetOf = (host?: new () => object) => callOf(contextOf([{}, {}], 'http', host)).target;
    expect(targetOf()).toBe(targetOf());
    expect([targetOf().name, targetOf(MoreOrders).name]).toEqual(['Orders.place', 'MoreOrders.place']);
    expect(targetOf(MoreOrders).origin.type).toBe(MoreOrders);
  });

  it('[S13] takes the policy of a route from its decorators', () => {
    class Tagged extends Orders {}
    const handler = (): string => 'placed';
    Reflect.defineMetadata(POLICY_METADATA, { tags: ['finance'] }, handler);
    const context = new ExecutionContextHost([{}, {}], Tagged, handler);
    expect(callOf(context).target.policy).toEqual({ tags: ['finance'] });
  });

  it('does not let the pipeline run a route', () => {
    const { target } = callOf(contextOf([{}, {}], 'http'));
    expect(target.body).toThrow('Orders.place is a route: Nest runs it, not the pipeline.');
  });

  it.each(['rpc', 'ws'])('says that there is no call in a context of type %s', (type) => {
    expect(() => callOf(contextOf([{}], type))).toThrow(`There is no call in a "${type}" context`);
  });
});

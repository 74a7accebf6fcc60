import {
  Controller,
  Get,
  Injectable,
  Post,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { AsyncInterceptor, Call, McpTool, callOf, type CallKind } from '../../src/index.js';
import { createTestServer, type TestServerOptions } from '../../src/testing/index.js';

const Roles = Reflector.createDecorator<string[]>();

/** A guard as Nest teams have them: it knows metadata and no protocol. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.getAllAndOverride(Roles, [context.getHandler(), context.getClass()]) ?? [];
    return !roles.includes('admin');
  }
}

@Injectable()
class Trail {
  readonly seen: object[] = [];
}

@Injectable()
class Recording extends AsyncInterceptor {
  constructor(readonly trail: Trail) {
    super();
  }

  override async around<T>(call: Call, next: () => Promise<T>): Promise<T> {
    const value = await next();
    this.trail.seen.push({ name: call.name, input: call.input, tags: call.target.policy.tags, value });
    return value;
  }
}

@Roles(['admin'])
@UseGuards(RolesGuard)
@Injectable()
class Tools {
  @McpTool({ description: 'For admins, as its class says.' })
  closed(): string {
    return 'ran';
  }

  @Roles([])
  @McpTool({ description: 'For everybody, as its method says.', tags: ['open'] })
  open(): string {
    return 'ran';
  }
}

@Injectable()
class Recorded {
  @UseInterceptors(Recording)
  @McpTool({ description: 'Is recorded.', tags: ['finance'] })
  record(): string {
    return 'ran';
  }
}

@UseInterceptors(Recording)
@Controller('orders')
class Orders {
  @SetMetadata('mcp:policy', { tags: ['route'] })
  @Post()
  place(): string {
    return 'placed';
  }

  @Get()
  list(): string {
    return 'listed';
  }
}

@Controller('more-orders')
class MoreOrders extends Orders {}

async function codeOf(name: string, options: TestServerOptions): Promise<unknown> {
  const { client, close } = await createTestServer(options);
  const { isError = false, _meta } = await client.callTool({ name });
  await close();
  return isError ? _meta?.['rookery/code'] : 'ok';
}

describe('the ExecutionContext of a tool', () => {
  it('[S13] lets a guard that reads metadata with Reflector decide', async () => {
    expect(await codeOf('closed', { providers: [Tools] })).toBe('forbidden');
    expect(await codeOf('open', { providers: [Tools] })).toBe('ok');
  });

  it('[S13] says what is called, by whom and with what', async () => {
    const seen: Record<string, unknown>[] = [];
    const guard: CanActivate = {
      canActivate(context) {
        const [input, call] = context.getArgs<[unknown, Call]>();
        seen.push({
          type: context.getType<string>(),
          host: context.getClass(),
          handler: context.getHandler(),
          input,
          same: callOf(context) === call,
          kind: call.kind satisfies CallKind,
          principal: call.principal?.id,
        });
        return true;
      },
    };
    const principal = { id: 'ann', roles: [], permissions: [], attributes: {} };
    await codeOf('open', { providers: [Tools], server: { guards: [guard] }, principal });
    expect(seen).toEqual([
      {
        type: 'mcp',
        host: Tools,
        handler: Reflect.get(Tools.prototype, 'open') as unknown,
        input: {},
        same: true,
        kind: 'tool',
        principal: 'ann',
      },
    ]);
  });
});

describe('in a test', () => {
  const yes: CanActivate = { canActivate: () => true };

  it('[S13] overrideGuard() replaces the guard of a class', async () => {
    const override: TestServerOptions['override'] = (builder) => builder.overrideGuard(RolesGuard).useValue(yes);
    expect(await codeOf('closed', { providers: [Tools], override })).toBe('ok');
  });

  it('[S13] overrideProvider() replaces an enhancer of forRoot()', async () => {
    const server = { guards: [RolesGuard] };
    expect(await codeOf('record', { providers: [Recorded, Trail], server })).toBe('ok');
    const refuse: CanActivate = { canActivate: () => false };
    const override: TestServerOptions['override'] = (builder) => builder.overrideProvider(RolesGuard).useValue(refuse);
    expect(await codeOf('record', { providers: [Recorded, Trail], server, override })).toBe('forbidden');
  });
});

describe('an AsyncInterceptor', () => {
  const recorded = { name: 'record', input: {}, tags: ['finance'], value: 'ran' };

  it('[S13] works on a tool', async () => {
    const trail = new Trail();
    await codeOf('record', { providers: [Recorded, { provide: Trail, useValue: trail }] });
    expect(trail.seen).toEqual([recorded]);
  });

  it('[S13] works on every tool of a server', async () => {
    const trail = new Trail();
    const providers = [Tools, { provide: Trail, useValue: trail }];
    await codeOf('open', { providers, server: { interceptors: [new Recording(trail)] } });
    expect(trail.seen).toEqual([{ name: 'open', input: {}, tags: ['open'], value: 'ran' }]);
  });

  it('[S13] works on an ordinary controller, where callOf() makes the call from the request', async () => {
    const trail = new Trail();
    const { url, close } = await createTestServer({
      transport: 'http',
      controllers: [Orders, MoreOrders],
      providers: [{ provide: Trail, useValue: trail }],
    });
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"sku":"a"}' };
    expect(await (await fetch(new URL('/orders', url), post)).text()).toBe('placed');
    await fetch(new URL('/more-orders', url), post);
    await fetch(new URL('/orders', url));
    expect(trail.seen).toEqual([
      { name: 'Orders.place', input: { sku: 'a' }, tags: ['route'], value: 'placed' },
      { name: 'MoreOrders.place', input: { sku: 'a' }, tags: ['route'], value: 'placed' },
      { name: 'Orders.list', input: undefined, tags: undefined, value: 'listed' },
    ]);
    await close();
  });
});

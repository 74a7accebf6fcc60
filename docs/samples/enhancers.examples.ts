import {
  Catch,
  Injectable,
  Logger,
  Module,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentMetadata,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type OnModuleInit,
  type PipeTransform,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { z } from 'zod';
import {
  AsyncInterceptor,
  CallObserver,
  CallObservers,
  ForbiddenError,
  McpServerModule,
  McpTool,
  Telemetry,
  ToolError,
  callOf,
  isFailure,
  type Call,
  type Counter,
  type Outcome,
} from '../../src/index.js';

//#region guard
@Injectable()
export class ReadOnlyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { policy } = callOf(context).target;
    if (policy.tags?.includes('write')) throw new ForbiddenError('This server is read-only at the moment.');
    return true;
  }
}
//#endregion

//#region reflector
export const Region = (region: string): MethodDecorator => SetMetadata('region', region);

@Injectable()
export class RegionGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const region = this.reflector.get<string | undefined>('region', context.getHandler());
    return region === undefined || region === 'eu';
  }
}
//#endregion

//#region interceptor
@Injectable()
export class SlowCallInterceptor extends AsyncInterceptor {
  readonly #logger = new Logger('SlowCalls');

  async around<T>(call: Call, next: () => Promise<T>): Promise<T> {
    try {
      return await next();
    } finally {
      const ms = Math.round(performance.now() - call.startedAt);
      if (ms > 1_000) this.#logger.warn({ msg: 'a slow call', callId: call.id, target: call.target.name, ms });
    }
  }
}
//#endregion

//#region pipe
@Injectable()
export class TrimPipe implements PipeTransform<object> {
  transform(value: object, { type }: ArgumentMetadata): object {
    if (type !== 'body') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [name, typeof entry === 'string' ? entry.trim() : entry]),
    );
  }
}
//#endregion

export class OutOfStockError extends Error {}

//#region filter
@Catch(OutOfStockError)
export class OutOfStockFilter implements ExceptionFilter<OutOfStockError> {
  catch(_error: OutOfStockError, host: ArgumentsHost): string {
    const call = host.getArgByIndex<Call<{ item: string }>>(1);
    return `${call.input.item} is out of stock; offer something else.`;
  }
}
//#endregion

//#region use
@Injectable()
@UseGuards(RegionGuard)
export class StockTools {
  @Region('eu')
  @UseInterceptors(SlowCallInterceptor)
  @UsePipes(TrimPipe)
  @UseFilters(OutOfStockFilter)
  @McpTool({ description: 'Reserves an item', inputSchema: z.object({ item: z.string() }), tags: ['write'] })
  reserve({ item }: { item: string }): string {
    if (item === 'unicorn') throw new OutOfStockError();
    return `${item} is reserved`;
  }
}
//#endregion

//#region for-root
@Module({
  imports: [McpServerModule.forRoot({ name: 'shop', guards: [ReadOnlyGuard], interceptors: [SlowCallInterceptor] })],
  providers: [StockTools, { provide: APP_GUARD, useClass: RegionGuard }],
})
export class ShopModule {}
//#endregion

//#region request-scope
@Injectable({ scope: Scope.REQUEST })
export class CallLog {
  readonly lines: string[] = [];
}

@Injectable({ scope: Scope.REQUEST })
export class AuditedTools {
  constructor(private readonly log: CallLog) {}

  @McpTool({ description: 'Counts its own steps' })
  countSteps(): number {
    this.log.lines.push('begun', 'done');
    return this.log.lines.length;
  }
}
//#endregion

//#region observer
@Injectable()
export class RefusalCounter extends CallObserver implements OnModuleInit {
  readonly #refusals: Counter;

  constructor(
    private readonly observers: CallObservers,
    telemetry: Telemetry,
  ) {
    super();
    this.#refusals = telemetry.counter({
      name: 'shop_refusals_total',
      help: 'Calls that were refused, by outcome.',
      labels: ['outcome'],
    });
  }

  onModuleInit(): void {
    this.observers.add(this);
  }

  override end(_call: Call, outcome: Outcome): void {
    if (isFailure(outcome)) this.#refusals.bind({ outcome: outcome.code }).add(1);
  }
}
//#endregion

//#region errors
export function shippingCost(weight: number): number {
  if (weight > 30) throw new ToolError('Parcels weigh at most 30 kg. Split the order.', { limit: 30 });
  return 4 + weight;
}
//#endregion

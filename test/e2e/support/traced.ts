import {
  Catch,
  Global,
  Injectable,
  Module,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  applyDecorators,
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { tap, type Observable } from 'rxjs';

/** What ran, in order. */
@Injectable()
export class Trace {
  #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
  }

  /** What ran since the last time it was asked. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}

/** Gives one trace to every module of an application. */
@Global()
@Module({})
export class TraceModule {
  static of(trace: Trace): DynamicModule {
    return { module: TraceModule, providers: [{ provide: Trace, useValue: trace }], exports: [Trace] };
  }
}

/** One enhancer of each kind. */
export interface Traced {
  readonly Guard: Type<CanActivate>;
  readonly Interceptor: Type<NestInterceptor>;
  readonly Pipe: Type<PipeTransform>;
  readonly Filter: Type<ExceptionFilter>;
}

/** Makes enhancers that write down each time they run, and whether they were constructed before. */
export function traced(name: string, scope = Scope.DEFAULT): Traced {
  @Injectable()
  abstract class Enhancer {
    readonly name = name;
    constructor(readonly trace: Trace) {}
  }

  @Injectable({ scope })
  class Guard extends Enhancer implements CanActivate {
    canActivate(): boolean {
      this.trace.add(`guard ${this.name}`);
      return true;
    }
  }

  @Injectable({ scope })
  class Interceptor extends Enhancer implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      this.trace.add(`into ${this.name}`);
      const leave = (): void => this.trace.add(`out of ${this.name}`);
      return next.handle().pipe(tap({ next: leave, error: leave }));
    }
  }

  @Injectable({ scope })
  class Pipe extends Enhancer implements PipeTransform {
    transform(value: unknown): unknown {
      this.trace.add(`pipe ${this.name}`);
      return value;
    }
  }

  @Catch()
  @Injectable({ scope })
  class Filter extends Enhancer implements ExceptionFilter {
    catch(exception: unknown): never {
      this.trace.add(`filter ${this.name}`);
      throw exception;
    }
  }
  return { Guard, Interceptor, Pipe, Filter };
}

/** The enhancers as Nest's global ones. */
export function appProviders({ Guard, Interceptor, Pipe, Filter }: Traced): readonly Provider[] {
  return [
    { provide: APP_GUARD, useClass: Guard },
    { provide: APP_INTERCEPTOR, useClass: Interceptor },
    { provide: APP_PIPE, useClass: Pipe },
    { provide: APP_FILTER, useClass: Filter },
  ];
}

/** The enhancers on a class or a method. */
export function Enhanced({ Guard, Interceptor, Pipe, Filter }: Traced): ClassDecorator & MethodDecorator {
  return applyDecorators(UseGuards(Guard), UseInterceptors(Interceptor), UsePipes(Pipe), UseFilters(Filter));
}

/** The trace of one call behind enhancers of these names, outermost first: each exactly once. */
export function callBehind(...names: readonly string[]): readonly string[] {
  return [
    ...names.map((name) => `guard ${name}`),
    ...names.map((name) => `into ${name}`),
    ...names.map((name) => `pipe ${name}`),
    'run',
    ...names.toReversed().map((name) => `out of ${name}`),
  ];
}

import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform, Type } from '@nestjs/common';

/** Nest enhancers for every MCP call of this server, and for nothing else. A class is injected, an instance used as is. */
export interface EnhancerOptions {
  /** Run after global guards and before those of the class and the method. */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[] | undefined;
  readonly interceptors?: readonly (Type<NestInterceptor> | NestInterceptor)[] | undefined;
  readonly pipes?: readonly (Type<PipeTransform> | PipeTransform)[] | undefined;
  readonly filters?: readonly (Type<ExceptionFilter> | ExceptionFilter)[] | undefined;
}

/** The injection token of {@link EnhancerOptions}, as a class so that it is one by itself. */
export abstract class McpEnhancers implements EnhancerOptions {
  abstract readonly guards: NonNullable<EnhancerOptions['guards']>;
  abstract readonly interceptors: NonNullable<EnhancerOptions['interceptors']>;
  abstract readonly pipes: NonNullable<EnhancerOptions['pipes']>;
  abstract readonly filters: NonNullable<EnhancerOptions['filters']>;
}

import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { RookeryError, asHttpException } from '../core/index.js';

/** Answers errors of ours with the status of their meaning: 503 when a shared store does not answer, and not 500. */
@Injectable()
export class HttpErrorsInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, handler: CallHandler): Observable<unknown> {
    return handler.handle().pipe(
      catchError((thrown: unknown) => {
        throw thrown instanceof RookeryError ? asHttpException(thrown) : thrown;
      }),
    );
  }
}

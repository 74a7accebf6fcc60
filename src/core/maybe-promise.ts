/** A value, or a promise of one: what is there at once costs no promise. Who returns one may throw as well as reject. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value: now if it is there, else when it comes. */
export function andThen<T, R>(value: MaybePromise<T>, proceed: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(proceed) : proceed(value);
}

/** What foreign code returned, with promises of other makes (thenables of database clients) as promises of the language. */
export function adopted(value: unknown): unknown {
  if (value instanceof Promise || typeof value !== 'object' || value === null) return value;
  return typeof (value as Partial<PromiseLike<unknown>>).then === 'function' ? Promise.resolve(value) : value;
}

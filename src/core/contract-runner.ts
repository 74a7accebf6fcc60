/** What a contract suite needs of a test runner: the globals of Vitest and of Jest both have it. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  readonly beforeEach: (body: () => Promise<void>) => unknown;
  readonly expect: (value: unknown) => ContractExpectations;
}

/** The expectations that contract suites have. */
export interface ContractExpectations {
  toBe(expected: unknown): unknown;
  toEqual(expected: unknown): unknown;
  toMatchObject(expected: object): unknown;
  toBeUndefined(): unknown;
  toBeLessThan(expected: number): unknown;
  toBeLessThanOrEqual(expected: number): unknown;
  toBeGreaterThan(expected: number): unknown;
  readonly not: { toBe(expected: unknown): unknown };
  readonly rejects: { toThrow(expected?: RegExp): Promise<unknown> };
}

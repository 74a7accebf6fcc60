import {
  Call,
  CancelledError,
  type AskKind,
  type AskRequest,
  type ClientChannel,
  type ElicitOptions,
  type LogLevel,
  type Progress,
  type SamplingOptions,
} from '../core/index.js';

/**
 * The call under which a body runs whose result several callers wait for: who the first of them is, under his id, with
 * an end of its own, which comes when nobody waits any more.
 */
export class SharedCall extends Call {
  /** @param becomeFirsts - called before the body talks to a client: from then on it runs for {@link first} alone */
  constructor(
    /** The call for which the body was started. */
    readonly first: Call,
    becomeFirsts: () => void,
  ) {
    const { kind, name, input, principal, parent, deadline, remoteAddress, trace } = first;
    const client = new FirstsClient(first, becomeFirsts);
    super({ kind, name, input, principal, parent, deadline, remoteAddress, trace, client });
    this.bind(first.target, input);
  }

  override get id(): string {
    return this.first.id;
  }

  /** Gives the body as long as its most patient caller waits. */
  waitFor({ deadline }: Call): void {
    this.deadline =
      this.deadline === undefined || deadline === undefined ? undefined : Math.max(this.deadline, deadline);
  }
}

/** The client of the first caller. What is said to it, or heard from it, is for no other caller. */
class FirstsClient implements ClientChannel {
  constructor(
    private readonly first: Call,
    private readonly becomeFirsts: () => void,
  ) {}

  progress({ progress, total, message }: Progress): void {
    this.#mine().progress(progress, total, message);
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    this.#mine().log(level, data, logger);
  }

  supports(kind: AskKind, mode?: 'form' | 'url'): boolean {
    return this.#mine().clientSupports(kind, mode);
  }

  async ask(_call: Call, key: string, { kind, params }: AskRequest): Promise<unknown> {
    const first = this.#mine();
    if (first.aborted) throw new CancelledError();
    if (kind === 'sampling') return await first.sample({ ...(params as unknown as SamplingOptions), key });
    if (kind === 'roots') return { roots: await first.listRoots({ key }) };
    const { mode, message, url, requestedSchema } = params as Readonly<Record<string, unknown>>;
    if (mode === 'url') return await first.elicitUrl({ key, message: message as string, url: url as string });
    const schema = requestedSchema as ElicitOptions<unknown>['schema'];
    return await first.elicit({ key, message: message as string, schema });
  }

  async once<T>(_call: Call, key: string, effect: () => T | Promise<T>): Promise<T> {
    return await this.#mine().once(key, effect);
  }

  releaseStream(): void {
    this.#mine().releaseStream();
  }

  async continueAsTask(_call: Call, required: boolean): Promise<boolean> {
    return await this.#mine().continueAsTask({ required });
  }

  #mine(): Call {
    this.becomeFirsts();
    return this.first;
  }
}

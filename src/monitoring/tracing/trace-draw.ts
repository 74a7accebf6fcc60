const WORDS = 0x1_0000_0000;

/**
 * Decides which traces are recorded, and makes ids that say the same: OpenTelemetry's `TraceIdRatioBased` samplers, here
 * and in other services, find of such an id what was decided here. So a decision costs one random number, and an id is
 * made when somebody asks for it.
 */
export class TraceDraw {
  /** Draws below it are sampled; as `TraceIdRatioBased` computes it. */
  readonly #bound: number;
  /** Where ids are put together: as texts their words cost ten times as much. */
  readonly #bytes = Buffer.alloc(16);

  /**
   * @param sampleRate - 0 to 1
   * @param random - as `Math.random`
   */
  constructor(
    sampleRate: number,
    private readonly random: () => number,
  ) {
    this.#bound = sampleRate === 1 ? WORDS : Math.floor(sampleRate * 0xffff_ffff);
  }

  /** 0 to 2^32 - 1, each as likely. */
  draw(): number {
    return Math.floor(this.random() * WORDS);
  }

  /** Whether the trace of this draw is recorded. */
  samples(draw: number): boolean {
    return draw < this.#bound;
  }

  /** An id of a trace that is recorded as the draw says. */
  traceId(draw: number): string {
    const [a, b, c] = [this.draw(), this.draw(), this.draw() | 1];
    this.#write(a, 0);
    this.#write(b, 4);
    this.#write(c, 8);
    this.#write(a ^ b ^ c ^ draw, 12);
    return this.#bytes.toString('hex');
  }

  /** An id of a trace that is not recorded. */
  unsampledTraceId(): string {
    return this.traceId(Math.min(WORDS - 1, this.#bound + Math.floor(this.random() * (WORDS - this.#bound))));
  }

  spanId(): string {
    this.#write(this.draw(), 0);
    this.#write(this.draw() | 1, 4);
    return this.#bytes.toString('hex', 0, 8);
  }

  #write(word: number, offset: number): void {
    this.#bytes.writeInt32BE(word | 0, offset);
  }
}

/** A complex sequence as two arrays of one length, changed in place. */
export interface ComplexSequence {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The discrete Fourier transform in place, unscaled. Its length must be a power of two. */
export function transform({ re, im }: ComplexSequence): void {
  const length = re.length;
  if (length === 0 || (length & (length - 1)) !== 0) throw new RangeError(`${length} is not a power of two`);
  reorder(re, im);
  const { cosines, sines } = turns(length);
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half);
    for (let start = 0; start < length; start += 2 * half) {
      for (let offset = 0; offset < half; offset++) {
        const [even, odd, turn] = [start + offset, start + offset + half, offset * stride];
        const [cosine, sine] = [cosines[turn]!, sines[turn]!];
        const oddRe = re[odd]! * cosine - im[odd]! * sine;
        const oddIm = re[odd]! * sine + im[odd]! * cosine;
        re[odd] = re[even]! - oddRe;
        im[odd] = im[even]! - oddIm;
        re[even]! += oddRe;
        im[even]! += oddIm;
      }
    }
  }
}

/** The first half of a full turn, clockwise, in as many steps as the sequence has: each computed, none accumulated. */
function turns(length: number): { readonly cosines: Float64Array; readonly sines: Float64Array } {
  const angle = (index: number): number => (-2 * Math.PI * index) / length;
  const half = { length: length / 2 };
  return {
    cosines: Float64Array.from(half, (_, index) => Math.cos(angle(index))),
    sines: Float64Array.from(half, (_, index) => Math.sin(angle(index))),
  };
}

/** Puts every element where its index read backwards in binary says. */
function reorder(re: Float64Array, im: Float64Array): void {
  for (let index = 1, target = 0; index < re.length; index++) {
    let bit = re.length >> 1;
    for (; (target & bit) !== 0; bit >>= 1) target ^= bit;
    target ^= bit;
    if (index < target) {
      [re[index], re[target]] = [re[target]!, re[index]!];
      [im[index], im[target]] = [im[target]!, im[index]!];
    }
  }
}

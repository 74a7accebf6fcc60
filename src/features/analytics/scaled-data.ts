/** Data, and the same divided by a power of two, which changes no digit. */
export interface ScaledData {
  readonly data: readonly number[];
  /** `data` divided by `unit`; `data` itself at ordinary magnitudes. */
  readonly values: readonly number[];
  readonly unit: number;
}

/** Magnitudes whose fourth powers, summed over any list, neither overflow nor vanish. */
const ORDINARY = { least: 1e-60, most: 1e60 };
/** Of the largest power of two used, so that its inverse is a number too. */
const MAX_EXPONENT = 1_000;

/** Brings data of extreme magnitude near 1, so that its sums and squares stay numbers. */
export function scale(data: readonly number[]): ScaledData {
  let magnitude = 0;
  for (const value of data) magnitude = Math.max(magnitude, Math.abs(value));
  if (magnitude === 0 || (magnitude >= ORDINARY.least && magnitude <= ORDINARY.most))
    return { data, values: data, unit: 1 };
  const exponent = Math.floor(Math.log2(magnitude));
  const unit = 2 ** Math.min(MAX_EXPONENT, Math.max(-MAX_EXPONENT, exponent));
  return { data, values: data.map((value) => value / unit), unit };
}

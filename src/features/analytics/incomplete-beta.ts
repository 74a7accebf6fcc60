/**
 * The regularised incomplete beta function I_x(a, ½) with its complement, which is all that Student's t needs of it.
 *
 * Both `x` and `complement` = 1 − x are taken, because the caller knows the small one of the two without cancellation.
 */
export function regularizedBetaHalf(x: number, complement: number, a: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  const front = Math.exp(a * logOf(x, complement) + 0.5 * Math.log(complement)) * inverseBetaHalf(a);
  // The fraction converges quickly on one side of this point only; the other side is reached by symmetry.
  if (x < (a + 1) / (a + 2.5)) return front / continuedFraction(x, complement, a, 0.5);
  return 1 - front / continuedFraction(complement, x, 0.5, a);
}

/** ln x, from whichever of `x` and 1 − x carries more digits. */
function logOf(x: number, complement: number): number {
  return complement < 0.5 ? Math.log1p(-complement) : Math.log(x);
}

const LARGE = 20;
/** Coefficients of the asymptotic series of ln Γ(a + ½) − ln Γ(a) − ½ ln a in odd powers of 1/a. */
const SERIES = [-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432, 691 / 180224];

/**
 * 1 / B(a, ½) = Γ(a + ½) / (Γ(a) √π).
 *
 * A ratio by its own series: two ln Γ of 50,000 would cancel to ten digits. Small arguments are first carried up.
 */
export function inverseBetaHalf(a: number): number {
  let carried = 1;
  let large = a;
  for (; large < LARGE; large++) carried *= large / (large + 0.5);
  const series = SERIES.reduce((sum, coefficient, index) => sum + coefficient / large ** (2 * index + 1), 0);
  return carried * Math.sqrt(large / Math.PI) * Math.exp(series);
}

const MAX_TERMS = 10_000;
const TINY = 1e-300;

/**
 * The continued fraction of DiDonato and Morris, by Lentz's method; about √max(a, b) terms are enough. It takes 1 − x
 * where the textbook's fraction subtracts, and so keeps its digits for x close to 1.
 */
function continuedFraction(x: number, complement: number, a: number, b: number): number {
  const drift = a * complement - b * x + 1;
  const denominator = (m: number): number =>
    m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) * (drift + m * (1 + complement))) / (a + 2 * m + 1);
  let fraction = awayFromZero((a * drift) / (a + 1));
  let c = fraction;
  let d = 0;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const numerator = ((a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x) / (a + 2 * m - 1) ** 2;
    d = 1 / awayFromZero(denominator(m) + numerator * d);
    c = awayFromZero(denominator(m) + numerator / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

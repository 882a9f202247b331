package transform

// How far residues may grow, and why every operation on them is exact.
//
// All p lie between (1 − 2^-10)·2^50 and 2^50. A residue is an integer held in a float64; |x| ≤ a·p is written x ≤ a here. Twiddles w are at most
// 1/2. mul(x, w) computes h = fl(x·w), l = fma(x, w, −h), q = round(fl(h·inv)) and fma(−q, p, h) + l. For x ≤ a:
//
//   - |h| < a·2^99, so that |l| ≤ half a unit in the last place of h; l is exact.
//   - inv has a relative error of at most 2^-53, and so has the product: q differs from h/p by at most 1/2 and the two errors of a value below
//     a·2^49. Where a is a power of two the second one is at most half a unit in the last place of the binade below a·2^49, a·2^-5.
//   - h − q·p is a multiple of the unit of l or of 1, and below 2^53: the fma is exact.
//
// Together mul(x, w) ≤ m(a) with m(1) ≤ 5/8, m(2) ≤ 3/4, m(4) ≤ 1 and m(8) ≤ 3/2. That p is a little below 2^50 makes all of these strict.
// reduce(x) ≤ 1/2 for x ≤ 8, up to less than one unit. Sums are exact as long as they stay below 2^53, that is up to 8.
//
//   - fill makes values ≤ 1/2 + 2^-20. The first passes take them to at most 5/2: see top5, the largest.
//   - A forward pass takes values ≤ 3 to values ≤ 5/2: x0 is reduced to 1/2, x2 and x3 become m(4) ≤ 1, x1 ± x3 ≤ 4 becomes 1 again, and each
//     outcome is the sum of one of each: 1/2 + 1 + 1.
//   - Products take reduced factors and are ≤ m(1).
//   - An inverse pass takes values ≤ 2 to values ≤ 2: z1 − z0 ≤ 4 becomes m(4) ≤ 1, the sum of two of these is ≤ 2; the sum of all
//     four, ≤ 8, is reduced; the difference of sums, ≤ 8, becomes m(8) ≤ 3/2. Of one level alone, the same holds.
//   - The last passes take values ≤ 2 to values ≤ 8. bottom3 and bottom5 reduce on the way where more would come. The way to limbs begins with a
//     reduction: see carry.go, and digits.go for how it goes in vectors.
//
// How long a product may be. A coefficient is the sum of at most as many products of two limbs as the shorter factor has, which is half of the
// limbs of the product: below 2^29·10^36 < 0.38·P for a product of 2^30 limbs, where P > 0.998·2^150 is the product of the primes. So it is known
// from its residues, and the integer part of Σ v[i]/p[i] is known from a sum of float64 with an error below 2^-49, to which 2^-30 is added so that
// it never falls below an integer that is reached exactly; it cannot reach the next one, 0.62 away. The roots of unity would carry
// 2^34 points.
const coefficientShare = 0.38

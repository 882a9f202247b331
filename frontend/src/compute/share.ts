import type { Estimate } from '../api/types';

/** How much of the limit a job would take: the largest of its shares, 1 being all. Infinity where it cannot be told. */
export function shareOfLimit({ cost, digits, bytes, admissible, peak_bytes, limit }: Estimate): number {
  const isDocument = admissible && bytes === null; // whose digits nobody writes down
  return Math.max(
    ratio(cost.estimated, limit.cost),
    isDocument ? 0 : ratio(digits, limit.digits),
    ratio(peak_bytes, limit.peak_bytes),
  );
}

/** A limit of 0 limits nothing. */
function ratio(value: string | null, limit: string): number {
  if (BigInt(limit) === 0n) return 0;
  if (value === null) return Number.POSITIVE_INFINITY;
  return Number((BigInt(value) * 10_000n) / BigInt(limit)) / 10_000;
}

import type { Batch } from '../api/types';

/** How many jobs of a batch have ended. */
export const endedOf = ({ counts }: Batch) =>
  counts.succeeded + counts.failed + counts.cancelled + counts.expired;

/** How many had ended when a page learned of it; the time is in milliseconds. */
export type Sample = { at: number; ended: number };

/** How far back a pace looks, and how long it looks before it says anything, in milliseconds. */
const span = 10_000;
const leastSpan = 1000;

/** The samples that a pace is told from, with a new one. Those before the span go, but for the last of them. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const first = samples.findLastIndex(({ at }) => at <= sample.at - span);
  return [...samples.slice(Math.max(0, first)), sample];
}

/** Jobs that ended in a second, as seen just now; null where that cannot be told yet, or nothing ends. */
export function paceOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < leastSpan || last.ended <= first.ended) return null;
  return ((last.ended - first.ended) * 1000) / (last.at - first.at);
}

/** A pace with two figures or three: 0.4, 7.3, 230. */
export const formatPace = (perSecond: number) =>
  perSecond < 0.1
    ? 'under 0.1 a second'
    : `${perSecond.toLocaleString(undefined, { maximumFractionDigits: perSecond < 9.95 ? 1 : 0 })} a second`;

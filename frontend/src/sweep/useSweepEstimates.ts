import { useEstimate } from '../compute/useEstimate';
import type { Draft } from './draft';
import type { Range } from './range';
import { argsAt } from './request';

/**
 * What the first and the last job of a sweep would cost. The others are taken to lie between them; the server looks at each before it
 * takes any. Without a range nothing is asked.
 */
export function useSweepEstimates(draft: Draft, range: Range | null) {
  const known = range !== null;
  const { function: fn, method } = draft;
  const first = useEstimate(fn, argsAt(draft, range?.first ?? 0n), method, known);
  const last = useEstimate(fn, argsAt(draft, range?.last ?? 0n), method, known);
  return { first, last };
}

export type SweepEstimates = ReturnType<typeof useSweepEstimates>;

import { useDebouncedValue } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { getDigits } from '../api/calls';
import { blockSize, blocksBetween } from './geometry';

/** How long the view must rest before its digits are fetched: dragging through a billion fetches only where it stops. */
const pause = 60;

/** The blocks of digits that the range needs, fetched as byte ranges and kept for five minutes. */
export function useBlocks(id: string, count: number, from: number, to: number) {
  const wanted = blocksBetween(from, to).join(' ');
  const [rested] = useDebouncedValue(wanted, pause);
  const numbers = rested.split(' ').map(Number);
  const queries = useQueries({
    queries: numbers.map((block) => ({
      queryKey: ['digits', id, block],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        getDigits(id, block * blockSize, Math.min(count, (block + 1) * blockSize), { signal }),
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const blocks = new Map<number, string>();
  queries.forEach(({ data }, i) => {
    const block = numbers[i];
    if (data !== undefined && block !== undefined) blocks.set(block, data);
  });
  return { blocks, error: queries.find((query) => query.error)?.error ?? null };
}

import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { estimate } from '../api/calls';
import type { Args, Request } from '../api/types';

/** How long typing must rest before the server is asked. */
const pause = 250;

export const estimateQuery = (request: Request) => ({
  queryKey: ['estimate', request],
  queryFn: ({ signal }: { signal: AbortSignal }) => estimate(request, { signal }),
  staleTime: 10_000,
});

/** How often an estimate that stands is asked for anew, since the queue moves. */
const again = 15_000;

/**
 * What the arguments would cost, asked while one types: a new text aborts the question about the last one. Until the
 * answer is there the last one for the same function stands, and `stale` says so. Nothing is asked while it is not enabled.
 */
export function useEstimate(name: string, args: Args, method: string, enabled = true) {
  const text = JSON.stringify({ function: name, args, method });
  const request = useMemo(() => JSON.parse(text) as Request, [text]);
  const [rested] = useDebouncedValue(request, pause);
  const asked = rested.function === request.function ? rested : request;
  const query = useQuery({
    ...estimateQuery(asked),
    enabled,
    refetchInterval: ({ state }) => (state.data && !state.error ? again : false),
    placeholderData: (last) => (last?.function === name ? last : undefined),
  });
  const settled = asked === request && !query.isPlaceholderData && !query.isLoading;
  return { estimate: query.data, error: query.error, stale: !settled, settled, retry: query.refetch };
}

export type EstimateState = ReturnType<typeof useEstimate>;

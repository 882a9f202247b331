import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { cancelBatch, getBatch, listJobs, retryJobs } from '../api/calls';
import type { Batch } from '../api/types';
import { pauseBeforeRepeat, useOnce, worthRepeating } from '../api/useOnce';

export const batchKey = (id: string) => ['batch', id];
/** How often a batch that goes on is asked for, in milliseconds. */
const livePause = 1000;

/** A batch as of now, which is asked for again and again while jobs of it can change. */
export const useBatch = (id: string) =>
  useQuery({
    queryKey: batchKey(id),
    queryFn: ({ signal }) => getBatch(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'active' ? livePause : false),
  });

/** Cancels what has not ended of a batch. */
export function useCancelBatch(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => cancelBatch(id),
    onSuccess: (batch) => {
      client.setQueryData(batchKey(id), batch);
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
  });
}

/** Submits jobs that have ended once more, as one batch, and goes to its page. */
export function useRetryMany() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const once = useOnce();
  return useMutation({
    mutationFn: async (ids: string[] | (() => Promise<string[]>)) => {
      const wanted = typeof ids === 'function' ? await ids() : ids;
      return once(wanted.join(), (key) => retryJobs(wanted, key));
    },
    retry: worthRepeating,
    retryDelay: pauseBeforeRepeat,
    onSuccess: (batch: Batch) => {
      client.setQueryData(batchKey(batch.id), batch);
      void client.invalidateQueries({ queryKey: ['jobs'] });
      navigate(`/batches/${batch.id}`);
    },
  });
}

/** As many jobs as one batch may hold, and as one page of a list may. */
const mostJobs = 10_000;
const largestPage = 1000;

/** The ids of the jobs of a batch that have failed, as many as fit into another batch. */
export async function failedOf(batch: string): Promise<string[]> {
  const filter = { states: ['failed' as const], function: '', label: '', batch };
  const ids: string[] = [];
  let token = '';
  do {
    const page = await listJobs(filter, { token, size: largestPage });
    ids.push(...page.jobs.map(({ id }) => id));
    token = page.next_page_token;
  } while (token && ids.length < mostJobs);
  return ids.slice(0, mostJobs);
}

import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useRef } from 'react';
import { useLocation } from 'wouter';
import { cancelBatch, getBatch, listBatches, listJobs, submitBatch } from '../api/calls';
import type { BatchList, BatchRequest, VersionedBatch } from '../api/types';
import { pauseBeforeRepeat, useOnce, worthRepeating } from '../api/useOnce';

export const batchKey = (id: string) => ['batch', id];
const batchesKey = ['batches'];

/** How long the server is asked to wait for a change, in seconds. */
const longestWait = 10;
/** At least so many milliseconds lie between an answer and the next question, and between two questions. */
const leastPause = 500;
const leastBetween = 1200;

/**
 * A batch as of now. While jobs of it can change it is asked for again and again: a server that tells versions is asked to answer when there
 * is another one, any other by the clock.
 */
export function useBatch(id: string) {
  const client = useQueryClient();
  const asked = useRef(0);
  const { data, ...query } = useQuery({
    queryKey: batchKey(id),
    queryFn: ({ signal }) => {
      asked.current = Date.now();
      return nextBatch(client, id, signal);
    },
    refetchInterval: ({ state }) =>
      state.data?.batch.state === 'active' ? pauseAfter(asked.current, Date.now()) : false,
  });
  return { ...query, data: data?.batch };
}

/** Milliseconds from now until the next question, if the last one was put then. */
export const pauseAfter = (asked: number, now: number) => Math.max(leastPause, asked + leastBetween - now);

async function nextBatch(client: QueryClient, id: string, signal: AbortSignal): Promise<VersionedBatch> {
  const known = () => client.getQueryData<VersionedBatch>(batchKey(id));
  const before = known();
  const goesOn = before?.batch.state === 'active';
  const found = await getBatch(id, goesOn ? before.etag : '', longestWait, { signal });
  const latest = found ?? known() ?? before; // a cancel may have told more meanwhile
  if (!latest) throw new Error('The server knows of no change to a batch that it has not told of.');
  return latest;
}

/** How many batches a list shows at first, and with each step. */
const pageSize = 3;
/** How often the list is asked again while a batch on it goes on, in milliseconds. */
const livePause = 2000;

const goesOn = (data: InfiniteData<BatchList> | undefined) =>
  data?.pages.some(({ batches }) => batches.some(({ state }) => state === 'active')) ?? false;

/** The batches, newest first, a few at a time. The list follows by itself while one of them goes on. */
export function useBatches() {
  const query = useInfiniteQuery({
    queryKey: batchesKey,
    queryFn: ({ pageParam, signal }) => listBatches({ token: pageParam, size: pageSize }, { signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (goesOn(state.data) ? livePause : false),
  });
  return { ...query, batches: query.data?.pages.flatMap(({ batches }) => batches) };
}

/** Cancels what has not ended of a batch. */
export function useCancelBatch(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => cancelBatch(id),
    onSuccess: (cancelled) => {
      client.setQueryData(batchKey(id), cancelled);
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
  });
}

/**
 * Submits many jobs as one batch, and goes to its page, which has the answer already. `what` tells one request from another, and `make` says
 * what is sent. However often the button is pressed and whatever the network loses, it is one batch.
 */
export function useSubmitBatch() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const once = useOnce();
  return useMutation({
    mutationFn: async ({ what, make }: Submission) => {
      const body = await make();
      return once(what ?? JSON.stringify(body), (key) => submitBatch(body, key));
    },
    retry: worthRepeating,
    retryDelay: pauseBeforeRepeat,
    onSuccess: (submitted) => {
      const { id } = submitted.batch;
      client.setQueryData(batchKey(id), submitted);
      void client.invalidateQueries({ queryKey: ['jobs'] });
      void client.invalidateQueries({ queryKey: batchesKey });
      navigate(`/batches/${id}`);
    },
  });
}

type Submission = { what?: string; make: () => BatchRequest | Promise<BatchRequest> };

/** As many jobs as one batch may hold, and as one page of a list may. */
export const mostJobs = 10_000;
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

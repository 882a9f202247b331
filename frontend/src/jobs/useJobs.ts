import { type InfiniteData, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type JobFilter, listJobs } from '../api/calls';
import { isActive, type JobList } from '../api/types';

const pageSize = 25;
/** How often a list is asked again while a job on it can still change, unless its page says otherwise. */
const livePause = 2000;

const hasActive = (data: InfiniteData<JobList> | undefined) =>
  data?.pages.some(({ jobs }) => jobs.some(isActive)) ?? false;

/**
 * The jobs that pass the filter, newest first, a page at a time. The list follows by itself while one of them is active: it is asked again
 * after so many milliseconds.
 */
export function useJobs(filter: JobFilter, pause = livePause) {
  const query = useInfiniteQuery({
    queryKey: ['jobs', filter],
    queryFn: ({ pageParam, signal }) => listJobs(filter, { token: pageParam, size: pageSize }, { signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (hasActive(state.data) ? pause : false),
  });
  return { ...query, jobs: query.data?.pages.flatMap(({ jobs }) => jobs), live: hasActive(query.data) };
}

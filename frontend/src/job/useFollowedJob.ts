import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { awaitJob, getJob } from '../api/calls';
import { isActive, type VersionedJob } from '../api/types';
import { follow } from './follow';
import { newest } from './newest';

export const jobKey = (id: string) => ['job', id];

/** A job as of now, which changes by itself for as long as it is active. */
export function useFollowedJob(id: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: jobKey(id),
    queryFn: async ({ signal }) =>
      newest(client.getQueryData<VersionedJob>(jobKey(id)), await getJob(id, { signal })),
    staleTime: 5000,
  });
  const [lost, setLost] = useState<Error | null>(null);
  const active = query.data ? isActive(query.data.job) : false;

  const take = useEffectEvent((next: VersionedJob) => {
    client.setQueryData<VersionedJob>(jobKey(id), (known) => newest(known, next));
    if (!isActive(next.job)) void client.invalidateQueries({ queryKey: ['jobs'] });
  });
  const known = useEffectEvent(() => query.data);

  useEffect(() => {
    setLost(null);
    const start = known();
    if (!active || !start) return;
    const controller = new AbortController();
    const ask = (etag: string, seconds: number, signal: AbortSignal) =>
      awaitJob(id, etag, seconds, { signal });
    follow(start, { ask, onJob: (next) => take(next) }, controller.signal).catch(setLost);
    return () => controller.abort();
  }, [active, id]);

  return { job: query.data?.job, error: lost ?? query.error, retry: query.refetch };
}

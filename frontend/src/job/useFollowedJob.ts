import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { awaitJob, getJob } from '../api/calls';
import { isActive, type LogLine, type LogList, type VersionedJob } from '../api/types';
import { follow, type Way } from './follow';
import { listenTo } from './listen';
import { logKey, noLines, withLines } from './logs';
import { newest } from './newest';

export const jobKey = (id: string) => ['job', id];

/** A job as of now, which changes by itself for as long as it is active. `way` is how its changes come; null once it has ended. */
export function useFollowedJob(id: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: jobKey(id),
    queryFn: async ({ signal }) =>
      newest(client.getQueryData<VersionedJob>(jobKey(id)), await getJob(id, { signal })),
    staleTime: 5000,
  });
  const [lost, setLost] = useState<Error | null>(null);
  const [way, setWay] = useState<Way | null>(null);
  const active = query.data ? isActive(query.data.job) : false;

  const take = useEffectEvent((next: VersionedJob) => {
    client.setQueryData<VersionedJob>(jobKey(id), (known) => newest(known, next));
    if (!isActive(next.job)) void client.invalidateQueries({ queryKey: ['jobs'] });
  });
  const takeLine = useEffectEvent((line: LogLine) => {
    client.setQueryData<LogList>(logKey(id), (known) => withLines(known ?? noLines, [line]));
  });
  const known = useEffectEvent(() => query.data);

  useEffect(() => {
    setLost(null);
    setWay(null);
    const start = known();
    if (!active || !start) return;
    const controller = new AbortController();
    const { signal } = controller;
    const steps = {
      ask: (etag: string, seconds: number, until: AbortSignal) =>
        awaitJob(id, etag, seconds, { signal: until }),
      listen: listenTo(id),
      onJob: (next: VersionedJob) => take(next),
      onLine: (line: LogLine) => takeLine(line),
      onWay: (next: Way) => {
        if (!signal.aborted) setWay(next);
      },
    };
    follow(start, steps, signal).catch(setLost);
    return () => controller.abort();
  }, [active, id]);

  return { job: query.data?.job, way, error: lost ?? query.error, retry: query.refetch };
}

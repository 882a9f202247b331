import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { cancelJob, deleteJob, retryJob } from '../api/calls';
import type { VersionedJob } from '../api/types';
import { pauseBeforeRepeat, useOnce, worthRepeating } from '../api/useOnce';
import { newest } from './newest';
import { jobKey } from './useFollowedJob';

/** Cancel, retry and delete, for the page of one job. */
export function useJobActions(id: string) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const once = useOnce();

  const cancel = useMutation({
    mutationFn: () => cancelJob(id),
    onSuccess: (cancelled) => {
      client.setQueryData<VersionedJob>(jobKey(id), (known) => newest(known, cancelled));
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
    // It may have ended in the meantime, which the job itself tells best.
    onError: () => client.invalidateQueries({ queryKey: jobKey(id) }),
  });

  const again = useMutation({
    mutationFn: () => once(id, (key) => retryJob(id, key)),
    retry: worthRepeating,
    retryDelay: pauseBeforeRepeat,
    onSuccess: (accepted) => {
      client.setQueryData(jobKey(accepted.job.id), accepted);
      void client.invalidateQueries({ queryKey: ['jobs'] });
      navigate(`/jobs/${accepted.job.id}`);
    },
  });

  const remove = useMutation({
    mutationFn: () => deleteJob(id),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['jobs'] });
      navigate('/jobs');
      client.removeQueries({ queryKey: jobKey(id) });
    },
  });

  return { cancel, again, remove };
}

export type JobActionsState = ReturnType<typeof useJobActions>;

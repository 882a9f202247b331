import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { cancelJob, deleteJob } from '../api/calls';
import type { VersionedJob } from '../api/types';
import { newest } from './newest';
import { jobKey } from './useFollowedJob';

/** Cancel and delete, for the page of one job. */
export function useJobActions(id: string) {
  const client = useQueryClient();
  const [, navigate] = useLocation();

  const cancel = useMutation({
    mutationFn: () => cancelJob(id),
    onSuccess: (cancelled) => {
      client.setQueryData<VersionedJob>(jobKey(id), (known) => newest(known, cancelled));
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
    // It may have ended in the meantime, which the job itself tells best.
    onError: () => client.invalidateQueries({ queryKey: jobKey(id) }),
  });

  const remove = useMutation({
    mutationFn: () => deleteJob(id),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['jobs'] });
      navigate('/jobs');
      client.removeQueries({ queryKey: jobKey(id) });
    },
  });

  return { cancel, remove };
}

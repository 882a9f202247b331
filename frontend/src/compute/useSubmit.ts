import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { submit } from '../api/calls';
import type { Request, Wishes } from '../api/types';
import { pauseBeforeRepeat, useOnce, worthRepeating } from '../api/useOnce';
import { jobKey } from '../job/useFollowedJob';

/**
 * Submits a job and goes to its page, which has the answer already and so shows at once. However often the button is pressed and
 * whatever the network loses, it is one job.
 */
export function useSubmit() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const once = useOnce();
  return useMutation({
    mutationFn: (request: Request & Wishes) => once(JSON.stringify(request), (key) => submit(request, key)),
    retry: worthRepeating,
    retryDelay: pauseBeforeRepeat,
    onSuccess: (accepted) => {
      client.setQueryData(jobKey(accepted.job.id), accepted);
      void client.invalidateQueries({ queryKey: ['jobs'] });
      navigate(`/jobs/${accepted.job.id}`);
    },
  });
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { submit } from '../api/calls';
import type { Request } from '../api/types';
import { jobKey } from '../job/useFollowedJob';

/** Submits a job and goes to its page, which has the answer already and so shows at once. */
export function useSubmit() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: (request: Request) => submit(request),
    onSuccess: (accepted) => {
      client.setQueryData(jobKey(accepted.job.id), accepted);
      void client.invalidateQueries({ queryKey: ['jobs'] });
      navigate(`/jobs/${accepted.job.id}`);
    },
  });
}

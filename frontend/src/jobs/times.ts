import type { Job } from '../api/types';
import { between, formatSpan } from '../numbers/time';

const none = '–';

/** How long a job waited and ran, so far or in all. A job whose digits were there already did neither. */
export function timesOf(job: Job, now = new Date().toISOString()): { waited: string; ran: string } {
  const { created_at, started_at, finished_at, result } = job;
  if (result?.cache === 'hit') return { waited: none, ran: none };
  if (!started_at)
    return { waited: finished_at ? formatSpan(between(created_at, finished_at)) : none, ran: none };
  return {
    waited: formatSpan(between(created_at, started_at)),
    ran: formatSpan(between(started_at, finished_at ?? now)),
  };
}

import type { Batch, Job, Labels } from '../src/api/types';

/** A batch of the stand-in server, counted from the jobs that it holds by now. */
export function batchOf(id: string, all: Iterable<Job>, labels: Labels = {}): Batch {
  const counts = {
    total: 0,
    scheduled: 0,
    queued: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
  };
  for (const job of all) {
    if (job.batch !== id) continue;
    counts.total++;
    counts[job.state]++;
  }
  const goesOn = counts.scheduled + counts.queued + counts.running > 0;
  return {
    id,
    state: goesOn ? 'active' : 'ended',
    created_at: '2026-11-23T14:02:07.118Z',
    finished_at: goesOn ? null : '2026-11-23T14:02:09.118Z',
    labels,
    counts,
    links: {
      self: `/v1/batches/${id}`,
      jobs: `/v1/jobs?batch=${id}`,
      cancel: goesOn ? `/v1/batches/${id}/cancel` : null,
    },
  };
}

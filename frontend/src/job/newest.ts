import type { VersionedJob } from '../api/types';

/**
 * The newer of two answers about one job. Answers may overtake each other on the way: an older version never replaces a newer
 * one, and within an attempt the percentage never falls. A list does not tell the place in the queue, so the known one stands.
 */
export function newest(known: VersionedJob | undefined, next: VersionedJob): VersionedJob {
  if (!known || known.job.id !== next.job.id) return next;
  const [was, is] = [BigInt(known.job.version), BigInt(next.job.version)];
  if (is !== was) return is > was ? next : known;
  if (next.job.queue.position === null && known.job.queue.position !== null)
    return { ...next, job: { ...next.job, queue: known.job.queue } };
  const [before, after] = [known.job.progress, next.job.progress];
  if (known.job.attempt !== next.job.attempt || !before || !after) return next;
  if ((before.percent ?? 0) <= (after.percent ?? 0)) return next;
  return { ...next, job: { ...next.job, progress: { ...after, percent: before.percent } } };
}

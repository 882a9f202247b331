import { useEffect, useRef } from 'react';
import type { CatalogueFunction, Job } from '../api/types';
import { formatCount } from '../numbers/format';
import { announce } from '../ui/announce';
import { jobName } from './title';

/** Has screen readers told of changes of state and of every tenth percent. What the page opened with goes unsaid. */
export function useAnnouncedJob(job: Job, fn: CatalogueFunction | undefined) {
  const said = useRef('');
  const news = newsOf(job, jobName(job, fn));
  useEffect(() => {
    const key = `${job.id} ${news}`;
    if (said.current.startsWith(job.id) && said.current !== key) announce(news);
    said.current = key;
  }, [job.id, news]);
}

/** The sentence; it changes exactly when there is something to say. */
export function newsOf(job: Job, name: string): string {
  const tenths = Math.floor((job.progress?.percent ?? 0) / 10) * 10;
  switch (job.state) {
    case 'scheduled':
      return `${name} waits for its time.`;
    case 'queued':
      return `${name} is in line.`;
    case 'running':
      return tenths > 0 ? `${name}: ${tenths} percent.` : `${name} is running.`;
    case 'succeeded':
      return `${name} is done.${job.result?.digits ? ` ${formatCount(job.result.digits)} digits, verified.` : ''}`;
    case 'failed':
      return `${name} failed. ${job.error?.detail ?? ''}`;
    case 'cancelled':
      return `${name} is cancelled.`;
    case 'expired':
      return `${name} has expired.`;
  }
}

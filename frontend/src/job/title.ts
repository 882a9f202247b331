import type { CatalogueFunction, Job } from '../api/types';
import { briefValue, notationOf } from '../functions/Formula';
import { marks } from '../ui/StateMark';

/** The job in a few characters: F(10⁹). */
export const jobName = (job: Job, fn: CatalogueFunction | undefined) =>
  briefValue(notationOf(job.function, job.args, fn), job.args);

/** The title of the tab, which carries the progress: 41 % · F(10⁹) · Numbermill. */
export function titleOf(job: Job, fn: CatalogueFunction | undefined) {
  const percent = job.state === 'running' ? job.progress?.percent : null;
  const state = typeof percent === 'number' ? `${Math.floor(percent)} %` : marks[job.state].word;
  const parts = job.state === 'succeeded' ? [] : [state];
  return [...parts, jobName(job, fn), 'Numbermill'].join(' · ');
}

/** Enough of an id to tell it from others: job_01938f21…1a2b. */
export const shortId = (id: string) => `${id.slice(0, id.indexOf('_') + 9)}…${id.slice(-4)}`;

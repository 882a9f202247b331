import type { CatalogueFunction, Job } from '../api/types';
import { between, formatClock, formatSpan } from '../numbers/time';
import { Note } from '../ui/Note';
import { Details } from './Details';
import { SameRequest } from './SameRequest';

/** A job that has no result to show: what is so, whose doing it is. What to do stands beside the title. */
export function EndedView({ job, fn }: { job: Job; fn: CatalogueFunction | undefined }) {
  return (
    <div className="grid">
      <div className="c8 stack">
        <Outcome job={job} />
      </div>
      <aside className="c4 stack" aria-label="About this job">
        <Details job={job} fn={fn} />
        <SameRequest job={job} />
      </aside>
    </div>
  );
}

function Outcome({ job }: { job: Job }) {
  const after = job.finished_at ? formatSpan(between(job.created_at, job.finished_at)) : null;
  const at = job.finished_at ? ` at ${formatClock(job.finished_at)}` : '';
  switch (job.state) {
    case 'failed':
      return (
        <>
          <Note tone="bad" title={`Failed${after ? ` after ${after}` : ''}.`}>
            {job.error?.detail ?? 'No digits were published.'}
          </Note>
          {job.error ? <p className="mono xs muted">Reason {job.error.code}</p> : null}
        </>
      );
    case 'succeeded':
      return (
        <Note title="The digits are gone.">
          The job has succeeded, but its digits are no longer in the result store. Compute it again to get
          them back.
        </Note>
      );
    case 'cancelled':
      return (
        <Note title={`Cancelled${at}${after ? `, ${after} after it was submitted` : ''}.`}>
          The work has stopped, unless another job waits for the same number. No digits were kept for this
          one.
        </Note>
      );
    default:
      return (
        <Note title="Expired.">
          {job.error?.detail ?? 'Its time was up before it could end. No digits were kept for it.'}
        </Note>
      );
  }
}

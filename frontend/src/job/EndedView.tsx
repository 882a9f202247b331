import type { CatalogueFunction, Job } from '../api/types';
import { between, formatClock, formatSpan } from '../numbers/time';
import { Note } from '../ui/Note';
import { Attempts } from './Attempts';
import { Details } from './Details';
import { Log } from './Log';
import { SameRequest } from './SameRequest';

/** A job that has no result to show: what is so, whose doing it is. What to do stands beside the title. */
export function EndedView({ job, fn }: { job: Job; fn: CatalogueFunction | undefined }) {
  return (
    <div className="grid">
      <div className="c8 stack">
        <Outcome job={job} />
        <Attempts job={job} />
        <Log job={job} way={null} />
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
          <p className="soft">{adviceFor(job)}</p>
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
        <Note title={`Expired${at}${after ? `, ${after} after it was submitted` : ''}.`}>
          {job.error?.detail ?? 'Its deadline came before it could end, so the work has stopped.'} No digits
          were kept. Run it again, or change it to have a later deadline or none.
        </Note>
      );
  }
}

/** What to do about a failure, by its reason. */
function adviceFor({ error }: Job) {
  switch (error?.code) {
    case 'verification-failed':
      return 'This points to a faulty worker, not to your request. Run it again.';
    case 'memory-exceeded':
      return 'Take smaller arguments, or give the workers more memory.';
    case 'poisoned':
    case 'computation-refused':
      return 'Running it again is refused for an hour. The log says what the workers did last.';
    default:
      return 'Run it again. If it fails in the same way, its log says more.';
  }
}

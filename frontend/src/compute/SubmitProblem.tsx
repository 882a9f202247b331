import { OfflineError, ProblemError } from '../api/http';
import type { Field } from '../functions/fields';
import { formatSpan } from '../numbers/time';
import { Note } from '../ui/Note';
import { ProblemLink } from '../ui/ProblemLink';
import classes from './SubmitProblem.module.css';

/** Why a job was not accepted, where that is not a matter of one field. */
export function SubmitProblem({ error, fields }: { error: Error | null; fields: Field[] }) {
  if (!error) return null;
  if (error instanceof ProblemError && fields.some(({ name }) => error.forArgument(name) !== undefined))
    return null;
  return (
    <div className={classes.problem}>
      {error instanceof ProblemError ? (
        <Note
          tone={error.problem.status < 500 ? 'warn' : 'bad'}
          title={`${error.problem.title}.`}
          role="alert"
        >
          {error.problem.detail}
          {error.retryAfter === null ? '' : ` Try again in ${formatSpan(error.retryAfter * 1000)}.`}{' '}
          <ProblemLink error={error} />
          <span className={`mono xs ${classes.request}`}>Request {error.problem.request_id}</span>
        </Note>
      ) : (
        <Note
          tone="warn"
          icon={error instanceof OfflineError ? 'offline' : 'warning'}
          title="Nothing was submitted."
          role="alert"
        >
          {error.message} What you typed is kept.
        </Note>
      )}
    </div>
  );
}

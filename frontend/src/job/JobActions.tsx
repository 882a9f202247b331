import { useEffect, useRef, useState } from 'react';
import { getWholeResult, resultPath } from '../api/calls';
import { isActive, isNumber, type Job, type ResultSummary } from '../api/types';
import { taskPath } from '../functions/fields';
import { formatBytes } from '../numbers/format';
import { Action, ActionDownload, ActionLink } from '../ui/Action';
import { CopyButton } from '../ui/CopyButton';
import { ProblemLink } from '../ui/ProblemLink';
import classes from './JobActions.module.css';
import type { JobActionsState } from './useJobActions';

/** Up to this many digits fit comfortably into a clipboard; of more, the ends are copied. */
const copiedWhole = 1_000_000;

/** What one can do with a job, beside its title. */
export function JobActions({ job, actions }: { job: Job; actions: JobActionsState }) {
  const { cancel, again, remove } = actions;
  const [deleting, setDeleting] = useState(false);
  const failure = cancel.error ?? again.error ?? remove.error;

  if (deleting) {
    return (
      <ConfirmDelete
        busy={remove.isPending}
        onDelete={() => remove.mutate()}
        onKeep={() => setDeleting(false)}
        failure={remove.error}
      />
    );
  }
  return (
    <div className={`row ${classes.actions}`}>
      {failure ? <Failure error={failure} /> : null}
      {isActive(job) ? (
        <>
          <CopyLink />
          <Action kind="danger" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Action>
        </>
      ) : (
        <>
          <Action kind="bare" onClick={() => setDeleting(true)}>
            Delete
          </Action>
          <CopyLink />
          {job.result ? null : <Change job={job} />}
          <Action
            kind={job.result ? 'plain' : 'primary'}
            icon="again"
            loading={again.isPending}
            className={job.result ? '' : (classes.main ?? '')}
            onClick={() => again.mutate()}
          >
            Run again
          </Action>
          {job.result ? <OfResult job={job} /> : null}
        </>
      )}
    </div>
  );
}

const Failure = ({ error }: { error: Error }) => (
  <span className="bad sm" role="alert">
    {error.message} <ProblemLink error={error} />
  </span>
);

const CopyLink = () => (
  <CopyButton icon="link" text={async () => window.location.href}>
    Copy link
  </CopyButton>
);

/** Back to the form, filled in with what this job was asked. */
const Change = ({ job }: { job: Job }) => (
  <ActionLink href={taskPath(job.function, job.args, job.method)}>Change</ActionLink>
);

function OfResult({ job: { id, result } }: { job: Job }) {
  if (!result) return null;
  return (
    <>
      <CopyResult id={id} result={result} />
      <ActionDownload kind="primary" icon="download" href={resultPath(id)} className={classes.main ?? ''}>
        Download {formatBytes(result.bytes)}
      </ActionDownload>
    </>
  );
}

function CopyResult({ id, result }: { id: string; result: ResultSummary }) {
  if (!isNumber(result)) return <CopyButton text={() => getWholeResult(id)}>Copy facts</CopyButton>;
  if (Number(result.digits) <= copiedWhole)
    return <CopyButton text={() => getWholeResult(id)}>Copy digits</CopyButton>;
  return (
    <CopyButton text={() => Promise.resolve(`${result.leading}…${result.trailing}`)}>Copy ends</CopyButton>
  );
}

type ConfirmProps = { busy: boolean; onDelete: () => void; onKeep: () => void; failure: Error | null };

/** Deleting cannot be undone, so it is asked once more, in place. */
function ConfirmDelete({ busy, onDelete, onKeep, failure }: ConfirmProps) {
  const box = useRef<HTMLFieldSetElement>(null);
  useEffect(() => box.current?.querySelector('button')?.focus(), []);
  return (
    <fieldset className={`row ${classes.actions}`} ref={box}>
      <legend className="vh">Delete this job</legend>
      <span className={failure ? 'bad sm' : 'soft sm'} role={failure ? 'alert' : undefined}>
        {failure ? failure.message : 'Delete this job for good?'}
      </span>
      <Action onClick={onKeep}>Keep</Action>
      <Action kind="danger" loading={busy} onClick={onDelete}>
        Delete
      </Action>
    </fieldset>
  );
}

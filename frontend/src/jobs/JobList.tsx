import type { ReactNode } from 'react';
import type { JobFilter } from '../api/calls';
import { useConnection } from '../api/connection';
import { hasStatus } from '../api/http';
import { useSubmitBatch } from '../batch/useBatch';
import { formatClock } from '../numbers/time';
import { Action } from '../ui/Action';
import { Bones } from '../ui/Bones';
import { ErrorState } from '../ui/ErrorState';
import { Note } from '../ui/Note';
import { ProblemLink } from '../ui/ProblemLink';
import classes from './JobList.module.css';
import { JobsTable } from './JobsTable';
import { useJobs } from './useJobs';

type Props = {
  filter: JobFilter;
  /** What stands there if no job passes. */
  empty: ReactNode;
  /** How often it is asked again while a job on it can still change, in milliseconds. */
  pause?: number;
  /** Undoes the filter, where the person has set one. */
  onClear?: () => void;
};

/** The jobs that pass a filter, newest first, a page at a time. */
export function JobList({ filter, pause, empty, onClear }: Props) {
  const { jobs, error, live, refetch, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useJobs(filter, pause);
  const { offline, lastHeard } = useConnection();

  if (error && hasStatus(error, 400) && onClear) {
    return (
      <div className={classes.problem}>
        <Note tone="warn" title="This filter does not work.">
          {error.message}
        </Note>
        <Action onClick={onClear}>Clear filter</Action>
      </div>
    );
  }
  if (!jobs) {
    if (error) return <ErrorState error={error} retry={refetch} />;
    return <Bones label="Loading the jobs" rows={[{ width: '100%', height: 288 }]} />;
  }
  if (jobs.length === 0) return empty;
  return (
    <>
      <div className={classes.list} data-stale={offline || isPlaceholderData}>
        <JobsTable jobs={jobs} />
      </div>
      <div className={`row sm muted ${classes.foot}`}>
        <span className="num">
          {jobs.length} {jobs.length === 1 ? 'job' : 'jobs'}
          {hasNextPage ? ', and older ones' : ''}
        </span>
        {offline && lastHeard ? (
          <span>Last known, {formatClock(lastHeard)}</span>
        ) : live ? (
          <span>Updates live</span>
        ) : null}
        <RetryFailed ids={jobs.filter(({ state }) => state === 'failed').map(({ id }) => id)} />
        {hasNextPage ? (
          <Action
            kind="bare"
            className={`push ${classes.more}`}
            loading={isFetchingNextPage}
            onClick={() => fetchNextPage()}
          >
            Show more
          </Action>
        ) : null}
      </div>
    </>
  );
}

/** Runs again what has failed of the jobs that are listed. */
function RetryFailed({ ids }: { ids: string[] }) {
  const retry = useSubmitBatch();
  if (ids.length === 0) return null;
  return (
    <>
      <Action
        kind="bare"
        icon="again"
        loading={retry.isPending}
        onClick={() => retry.mutate({ make: () => ({ retry_of: ids }) })}
      >
        {ids.length === 1 ? 'Retry the one that failed' : `Retry all ${ids.length} that failed`}
      </Action>
      {retry.error ? (
        <span className="bad" role="alert">
          {retry.error.message} <ProblemLink error={retry.error} />
        </span>
      ) : null}
    </>
  );
}

import { useLocation, useSearch } from 'wouter';
import { useConnection } from '../api/connection';
import { hasStatus } from '../api/http';
import { keepFocus } from '../app/focus';
import { formatClock } from '../numbers/time';
import { Action, ActionLink } from '../ui/Action';
import { Bones } from '../ui/Bones';
import { EmptyState } from '../ui/EmptyState';
import { ErrorState } from '../ui/ErrorState';
import { Note } from '../ui/Note';
import { Filters } from './Filters';
import { fromQuery, isFiltered, type ListAddress, toFilter, toPath, views } from './filter';
import classes from './JobsPage.module.css';
import { JobsTable } from './JobsTable';
import { useJobs } from './useJobs';

/** All jobs of the person, newest first. What is shown stands in the address. */
export function JobsPage() {
  const address = fromQuery(useSearch());
  const [, navigate] = useLocation();
  const show = (next: ListAddress) => navigate(toPath(next), { state: keepFocus });
  return (
    <>
      <title>My jobs · Numbermill</title>
      <div className="head">
        <h1>My jobs</h1>
        <div className="row">
          <ActionLink kind="primary" icon="plus" href="/" className={classes.fresh ?? ''}>
            New job
          </ActionLink>
        </div>
      </div>
      <Filters address={address} onChange={show} />
      <List address={address} onClear={() => show({ view: 'all', function: '', label: '' })} />
    </>
  );
}

function List({ address, onClear }: { address: ListAddress; onClear: () => void }) {
  const { jobs, error, live, refetch, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useJobs(toFilter(address));
  const { offline, lastHeard } = useConnection();

  if (error && hasStatus(error, 400)) {
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
  if (jobs.length === 0) return <Nothing address={address} onClear={onClear} />;
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

function Nothing({ address, onClear }: { address: ListAddress; onClear: () => void }) {
  if (!isFiltered(address)) {
    return (
      <EmptyState figure="0" title="No jobs yet" action={<ActionLink href="/">Compute something</ActionLink>}>
        Your computations are listed here, for as long as their results are kept.
      </EmptyState>
    );
  }
  const view = views.find(({ name }) => name === address.view);
  const state = view && view.name !== 'all' ? `${view.label.toLowerCase()} ` : '';
  return (
    <EmptyState
      figure="0"
      title={`No ${state}jobs here`}
      action={<Action onClick={onClear}>Clear filter</Action>}
    >
      No job passes this filter. Others may without it.
    </EmptyState>
  );
}

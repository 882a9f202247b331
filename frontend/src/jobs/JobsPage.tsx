import { useLocation, useSearch } from 'wouter';
import { keepFocus } from '../app/focus';
import { Batches } from '../batch/Batches';
import { Action, ActionLink } from '../ui/Action';
import { EmptyState } from '../ui/EmptyState';
import { Filters } from './Filters';
import { everything, fromQuery, isFiltered, type ListAddress, toFilter, toPath, views } from './filter';
import { JobList } from './JobList';
import classes from './JobsPage.module.css';

/** All jobs of the person, newest first. What is shown stands in the address. */
export function JobsPage() {
  const address = fromQuery(useSearch());
  const [, navigate] = useLocation();
  const show = (next: ListAddress) => navigate(toPath(next), { state: keepFocus });
  const clear = () => show(everything);
  return (
    <>
      <title>My jobs · Numbermill</title>
      <div className="head">
        <h1>My jobs</h1>
        <div className="row">
          <ActionLink icon="range" href="/sweep" className={classes.fresh ?? ''}>
            Sweep
          </ActionLink>
          <ActionLink kind="primary" icon="plus" href="/" className={classes.fresh ?? ''}>
            New job
          </ActionLink>
        </div>
      </div>
      {isFiltered(address) ? null : <Batches />}
      <h2 className="vh">Jobs</h2>
      <Filters address={address} onChange={show} />
      <JobList
        filter={toFilter(address)}
        empty={<Nothing address={address} onClear={clear} />}
        onClear={clear}
      />
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

import { Link } from 'wouter';
import { hasStatus } from '../api/http';
import { type CatalogueFunction, isActive, type Job } from '../api/types';
import { NotFound } from '../app/NotFound';
import { FormulaOfValue } from '../functions/Formula';
import { useFunction } from '../functions/useFunctions';
import { ActionLink } from '../ui/Action';
import { Bones } from '../ui/Bones';
import { EmptyState } from '../ui/EmptyState';
import { ErrorState } from '../ui/ErrorState';
import { Icon } from '../ui/Icon';
import { StateBadge } from '../ui/StateMark';
import { ActiveView } from './ActiveView';
import { EndedView } from './EndedView';
import type { Way } from './follow';
import { JobActions } from './JobActions';
import classes from './JobPage.module.css';
import { ResultView } from './ResultView';
import { shortId, titleOf } from './title';
import { useAnnouncedJob } from './useAnnouncedJob';
import { useFollowedJob } from './useFollowedJob';
import { useJobActions } from './useJobActions';

/** One job in whatever state it is, which this page follows by itself. */
export function JobPage({ id }: { id: string }) {
  const { job, way, error, retry } = useFollowedJob(id);
  const fn = useFunction(job?.function ?? '');
  if (error && hasStatus(error, 404)) return <NoSuchJob />;
  if (job) return <Found job={job} fn={fn} way={way} />;
  if (error && hasStatus(error, 400)) return <NotFound title="No job at this address" />;
  if (error) return <ErrorState error={error} retry={retry} level={1} />;
  return (
    <>
      <title>Job · Numbermill</title>
      <Bones
        label="Loading the job"
        rows={[
          { width: '14rem', height: 14 },
          { width: '24rem', height: 36 },
          { width: '100%', height: 196 },
          { width: '60%', height: 56 },
        ]}
      />
    </>
  );
}

type Props = { job: Job; fn: CatalogueFunction | undefined; way: Way | null };

function Found({ job, fn, way }: Props) {
  useAnnouncedJob(job, fn);
  const actions = useJobActions(job.id);
  return (
    <>
      <title>{titleOf(job, fn)}</title>
      <nav className={classes.crumbs} aria-label="Breadcrumb">
        <Link href="/jobs">My jobs</Link>
        <Icon name="right" size={12} />
        <span className="mono xs" title={job.id}>
          {shortId(job.id)}
        </span>
        {job.retry_of ? (
          <Link href={`/jobs/${job.retry_of}`} className={classes.origin} title={job.retry_of}>
            Retry of {shortId(job.retry_of)}
          </Link>
        ) : null}
      </nav>
      <div className={`head ${classes.head}`}>
        <h1 className={`row ${classes.title}`}>
          <span className={classes.formula}>
            <FormulaOfValue name={job.function} args={job.args} fn={fn} />
          </span>
          <StateBadge state={job.state} leaving={actions.cancel.isPending && isActive(job)} />
        </h1>
        <JobActions job={job} actions={actions} />
      </div>
      <Body job={job} fn={fn} way={way} />
    </>
  );
}

function Body({ job, fn, way }: Props) {
  switch (job.state) {
    case 'scheduled':
    case 'queued':
    case 'running':
      return <ActiveView job={job} fn={fn} way={way} />;
    case 'succeeded':
      if (job.result) return <ResultView job={job} result={job.result} fn={fn} />;
      return <EndedView job={job} fn={fn} />;
    default:
      return <EndedView job={job} fn={fn} />;
  }
}

const NoSuchJob = () => (
  <>
    <title>No such job · Numbermill</title>
    <EmptyState
      figure="404"
      title="No job at this address"
      level={1}
      action={<ActionLink href="/jobs">My jobs</ActionLink>}
    >
      It was deleted, it is no longer kept, or it belongs to someone else.
    </EmptyState>
  </>
);

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useConnection } from '../api/connection';
import { hasStatus } from '../api/http';
import type { Batch } from '../api/types';
import { NotFound } from '../app/NotFound';
import { shortId } from '../job/title';
import { toPath } from '../jobs/filter';
import { JobList } from '../jobs/JobList';
import { formatInteger } from '../numbers/format';
import { formatDay } from '../numbers/time';
import { announce } from '../ui/announce';
import { Bones } from '../ui/Bones';
import { EmptyState } from '../ui/EmptyState';
import { ErrorState } from '../ui/ErrorState';
import { Icon } from '../ui/Icon';
import { WordBadge } from '../ui/StateMark';
import { BatchActions } from './BatchActions';
import classes from './BatchPage.module.css';
import { Counts, Times } from './Figures';
import { markOf } from './mark';
import { endedOf } from './pace';
import { Shares } from './Shares';
import { sweepLabel } from './sweepLabel';
import { useBatch } from './useBatch';

/** Jobs that were submitted together, followed live: how many stand where, how fast it goes, and each of them. */
export function BatchPage({ id }: { id: string }) {
  const { data: batch, dataUpdatedAt, error, refetch } = useBatch(id);
  if (error && (hasStatus(error, 404) || hasStatus(error, 400))) {
    return (
      <NotFound title="No batch at this address">
        It is no longer kept, or it belongs to someone else.
      </NotFound>
    );
  }
  if (batch) return <Found batch={batch} asOf={dataUpdatedAt} />;
  if (error) return <ErrorState error={error} retry={refetch} level={1} />;
  return (
    <Bones
      label="Loading the batch"
      rows={[
        { width: '14rem', height: 32 },
        { width: '100%', height: 260 },
      ]}
    />
  );
}

/** How often the jobs below the figures are asked for while some of them can change, in milliseconds. The figures tell sooner. */
const listPause = 6000;

function Found({ batch, asOf }: { batch: Batch; asOf: number }) {
  const { offline } = useConnection();
  const { counts } = batch;
  const { [sweepLabel]: sweep, ...others } = batch.labels;
  const done = endedOf(batch);
  useTold(batch);
  return (
    <>
      <title>{`${formatInteger(done)} of ${formatInteger(counts.total)} · Batch · Numbermill`}</title>
      <nav className={classes.crumbs} aria-label="Breadcrumb">
        <Link href="/jobs">My jobs</Link>
        <Icon name="right" size={12} />
        <span className="mono xs" title={batch.id}>
          {shortId(batch.id)}
        </span>
      </nav>
      <div className={`head ${classes.head}`}>
        <h1 className={`row ${classes.title}`}>
          Batch of {formatInteger(counts.total)}
          <WordBadge mark={markOf(batch)} />
        </h1>
        <BatchActions batch={batch} />
      </div>
      <p className={`lead ${classes.lead}`}>
        {sweep ? `${sweep}. ` : ''}Submitted {formatDay(batch.created_at)}.
        {Object.entries(others).map(([name, value]) => ` ${name}: ${value}.`)}
      </p>
      <section className={`panel ${classes.panel}`} aria-label="Progress" data-dim={offline}>
        <p className="hero live">
          {formatInteger(done)}
          <span className="unit">of {formatInteger(counts.total)} ended</span>
        </p>
        <div className={classes.bar}>
          <Shares batch={batch} />
        </div>
        <Counts batch={batch} />
        <Times batch={batch} asOf={asOf} />
      </section>
      <section className="section" aria-label="Jobs of this batch">
        <header>
          <h2>Jobs</h2>
          <Link
            className={`push sm ${classes.all}`}
            href={toPath({ view: 'all', function: '', label: '', batch: batch.id })}
          >
            Filter them in the list of jobs
          </Link>
        </header>
        <JobList
          filter={{ states: [], function: '', label: '', batch: batch.id }}
          pause={listPause}
          empty={<NoJobs />}
        />
      </section>
    </>
  );
}

const NoJobs = () => (
  <EmptyState figure="0" title="No jobs left">
    All jobs of this batch were deleted, or are no longer kept.
  </EmptyState>
);

/** Has screen readers told of every tenth part and of the end while the batch is looked at, and the list of its jobs shown as it ended. */
function useTold(batch: Batch) {
  const { state, counts } = batch;
  const client = useQueryClient();
  const tenth = counts.total > 0 ? Math.floor((10 * endedOf(batch)) / counts.total) : 10;
  const was = useRef({ state, tenth });
  useEffect(() => {
    const before = was.current;
    was.current = { state, tenth };
    if (before.state === 'active' && state === 'ended') {
      announce(`The batch has ended. ${counts.succeeded} of ${counts.total} jobs succeeded.`);
      void client.invalidateQueries({ queryKey: ['jobs'] });
    } else if (tenth > before.tenth) {
      announce(`${tenth * 10} % of the batch have ended.`);
    }
  }, [state, tenth, counts, client]);
}

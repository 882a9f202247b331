import { type CSSProperties, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useConnection } from '../api/connection';
import { hasStatus } from '../api/http';
import type { Batch } from '../api/types';
import { NotFound } from '../app/NotFound';
import { shortId } from '../job/title';
import { JobList } from '../jobs/JobList';
import { formatInteger } from '../numbers/format';
import { formatDay } from '../numbers/time';
import { announce } from '../ui/announce';
import { Bones } from '../ui/Bones';
import { EmptyState } from '../ui/EmptyState';
import { ErrorState } from '../ui/ErrorState';
import { Icon } from '../ui/Icon';
import { type Mark, marks, WordBadge } from '../ui/StateMark';
import { BatchActions } from './BatchActions';
import classes from './BatchPage.module.css';
import { useBatch } from './useBatch';

/** Jobs that were submitted together: how many stand where, and each of them. */
export function BatchPage({ id }: { id: string }) {
  const { data: batch, error, refetch } = useBatch(id);
  if (error && (hasStatus(error, 404) || hasStatus(error, 400))) {
    return (
      <NotFound title="No batch at this address">
        It is no longer kept, or it belongs to someone else.
      </NotFound>
    );
  }
  if (batch) return <Found batch={batch} />;
  if (error) return <ErrorState error={error} retry={refetch} level={1} />;
  return (
    <Bones
      label="Loading the batch"
      rows={[
        { width: '14rem', height: 32 },
        { width: '100%', height: 170 },
      ]}
    />
  );
}

const ended: Mark = { word: 'Ended', icon: 'check', tone: 'ok' };

function Found({ batch }: { batch: Batch }) {
  const { offline } = useConnection();
  const { counts, labels } = batch;
  const done = endedOf(batch);
  useAnnouncedEnd(batch);
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
          <WordBadge mark={batch.state === 'active' ? marks.running : ended} />
        </h1>
        <BatchActions batch={batch} />
      </div>
      <p className={`lead ${classes.lead}`}>
        Submitted {formatDay(batch.created_at)}.
        {Object.entries(labels).map(([name, value]) => ` ${name}: ${value}.`)}
      </p>
      <section className={`panel ${classes.panel}`} aria-label="Progress" data-dim={offline}>
        <p className="hero live">
          {formatInteger(done)}
          <span className="unit">of {formatInteger(counts.total)} ended</span>
        </p>
        <Shares batch={batch} />
      </section>
      <section className="section" aria-label="Jobs of this batch">
        <header>
          <h2>Jobs</h2>
        </header>
        <JobList filter={{ states: [], function: '', label: '', batch: batch.id }} empty={<NoJobs />} />
      </section>
    </>
  );
}

const NoJobs = () => (
  <EmptyState figure="0" title="No jobs left">
    All jobs of this batch were deleted, or are no longer kept.
  </EmptyState>
);

const endedOf = ({ counts }: Batch) => counts.succeeded + counts.failed + counts.cancelled + counts.expired;

const parts = ['succeeded', 'failed', 'expired', 'cancelled', 'running', 'queued', 'scheduled'] as const;

/** The counts as a bar and as figures. */
function Shares({ batch }: { batch: Batch }) {
  const { counts } = batch;
  const shown = parts.filter((state) => counts[state] > 0 || state === 'succeeded' || state === 'failed');
  return (
    <>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label="Jobs that have ended"
        aria-valuemin={0}
        aria-valuemax={counts.total}
        aria-valuenow={endedOf(batch)}
      >
        {parts.map((state) =>
          counts[state] > 0 ? (
            <i
              key={state}
              className={classes[state]}
              style={{ '--share': `${(100 * counts[state]) / counts.total}%` } as CSSProperties}
            />
          ) : null,
        )}
      </div>
      <dl className={classes.counts}>
        {shown.map((state) => (
          <div key={state}>
            <dt>
              <Icon name={marks[state].icon} size={14} className={classes[`${state}Text`]} />{' '}
              {marks[state].word}
            </dt>
            <dd className="num">{formatInteger(counts[state])}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Has screen readers told when the batch ends while it is looked at. */
function useAnnouncedEnd({ state, counts }: Batch) {
  const was = useRef(state);
  useEffect(() => {
    if (was.current === 'active' && state === 'ended') {
      announce(`The batch has ended. ${counts.succeeded} of ${counts.total} jobs succeeded.`);
    }
    was.current = state;
  }, [state, counts]);
}

import { type ReactNode, useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { Batch, JobState } from '../api/types';
import { toPath, views } from '../jobs/filter';
import { formatInteger } from '../numbers/format';
import { between, formatAbout, formatClock, formatSpan } from '../numbers/time';
import { Icon } from '../ui/Icon';
import { marks } from '../ui/StateMark';
import classes from './Figures.module.css';
import { endedOf, formatPace, paceOf, type Sample, withSample } from './pace';
import { parts } from './Shares';

/** How many jobs of a batch stand where, each leading to those jobs. */
export function Counts({ batch: { id, counts } }: { batch: Batch }) {
  const shown = parts.filter((state) => counts[state] > 0 || state === 'succeeded' || state === 'failed');
  return (
    <dl className={classes.counts}>
      {shown.map((state) => (
        <div key={state}>
          <dt>
            <Icon name={marks[state].icon} size={14} className={classes[`${state}Text`]} />{' '}
            {marks[state].word}
          </dt>
          <dd className="num">
            {counts[state] > 0 ? (
              <Link href={toPath({ view: viewOf(state), function: '', label: '', batch: id })}>
                {formatInteger(counts[state])}
                <span className="vh"> {marks[state].word.toLowerCase()}, list them</span>
              </Link>
            ) : (
              0
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const viewOf = (state: JobState) => views.find(({ states }) => states.includes(state))?.name ?? 'all';

/** When a batch began and ended, how fast it goes, and how long it takes at that pace. `asOf` is when the batch was learned of. */
export function Times({ batch, asOf }: { batch: Batch; asOf: number }) {
  const pace = usePace(batch, asOf);
  const { counts, created_at, finished_at } = batch;
  const open = counts.queued + counts.running;
  return (
    <dl className={classes.times}>
      <Time name="Submitted">{formatClock(created_at)}</Time>
      {batch.state === 'active' ? (
        <>
          <Time name="Pace, just now">{pace === null ? '–' : formatPace(pace)}</Time>
          <Time name="Left, at this pace">
            {pace === null || open === 0 ? '–' : formatAbout(open / pace)}
          </Time>
        </>
      ) : finished_at ? (
        <>
          <Time name="Ended">{formatClock(finished_at)}</Time>
          <Time name="Took">{formatSpan(between(created_at, finished_at))}</Time>
          <Time name="Pace">{overall(batch, between(created_at, finished_at))}</Time>
        </>
      ) : null}
    </dl>
  );
}

const Time = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const overall = (batch: Batch, milliseconds: number) =>
  milliseconds > 0 ? formatPace((endedOf(batch) * 1000) / milliseconds) : '–';

function usePace(batch: Batch, asOf: number) {
  const [samples, setSamples] = useState<Sample[]>([]);
  const ended = endedOf(batch);
  useEffect(() => setSamples((all) => withSample(all, { at: asOf, ended })), [asOf, ended]);
  return paceOf(samples);
}

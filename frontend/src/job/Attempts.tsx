import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type CSSProperties, useState } from 'react';
import { getAttempts } from '../api/calls';
import { type Attempt, isActive, type Job } from '../api/types';
import { formatClock } from '../numbers/time';
import { Action } from '../ui/Action';
import { Icon } from '../ui/Icon';
import classes from './Attempts.module.css';
import { axisOf, looks, outcomeOf, placeOn } from './timeline';
import { useNow } from './useNow';

/** Of more attempts, the last few are shown until all are asked for. */
const shownAtFirst = 8;
/** Below it both ends of the line would tell the same second, in milliseconds. */
const shortestAxis = 2000;

/** The attempts at a job's computation on a common line of time: who tried, when, and how it ended. Nothing before the first. */
export function Attempts({ job }: { job: Job }) {
  const { data: attempts = [] } = useAttempts(job);
  const [all, setAll] = useState(false);
  const now = useNow(attempts.some(({ state }) => state === 'running'));
  if (attempts.length === 0) return null;
  const failures = attempts.filter(({ state }) => state === 'failed').length;
  const shown = all ? attempts : attempts.slice(-shownAtFirst);
  const axis = axisOf(shown, isActive(job) ? job : null, now);
  return (
    <section className="section">
      <header>
        <h2>Attempts</h2>
        {failures > 0 ? (
          <span className="muted sm">
            {failures} of at most {job.max_attempts} failed
          </span>
        ) : null}
        {shown.length < attempts.length ? (
          <Action kind="bare" className={`push ${classes.all}`} onClick={() => setAll(true)}>
            Show all {attempts.length}
          </Action>
        ) : null}
      </header>
      <ol className={classes.rows}>
        {shown.map((attempt) => (
          <Row key={attempt.number} attempt={attempt} axis={axis} now={now} />
        ))}
      </ol>
      <div className={`${classes.row} ${classes.axis}`} aria-hidden="true">
        <span />
        <div className={classes.track}>
          <span>{formatClock(new Date(axis.from))}</span>
          {axis.to - axis.from < shortestAxis ? null : (
            <span>
              {axis.guessed ? '≈ ' : ''}
              {formatClock(new Date(axis.to))}
            </span>
          )}
        </div>
        <span />
      </div>
    </section>
  );
}

/** They are asked for anew whenever the job has changed. */
function useAttempts(job: Job) {
  return useQuery({
    queryKey: ['attempts', job.id, job.version, job.attempt],
    queryFn: ({ signal }) => getAttempts(job.id, { signal }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: job.attempt > 0,
  });
}

type RowProps = { attempt: Attempt; axis: ReturnType<typeof axisOf>; now: number };

function Row({ attempt, axis, now }: RowProps) {
  const { number, state, worker, error } = attempt;
  const { icon, tone } = looks[state];
  const place = placeOn(axis, attempt, now);
  return (
    <li>
      <div className={classes.row}>
        <span className={classes.who}>
          <b className="num">{number}</b> <span title={worker}>{worker}</span>
        </span>
        <div className={classes.track} aria-hidden="true">
          <i
            className={classes[state]}
            style={{ '--from': `${place.from}%`, '--width': `${place.width}%` } as CSSProperties}
          />
        </div>
        <span className={`${classes.outcome} ${tone}`}>
          <Icon name={icon} size={14} />
          <span>{outcomeOf(attempt, now)}</span>
        </span>
      </div>
      {error ? <p className={`sm soft ${classes.error}`}>{error.detail}</p> : null}
    </li>
  );
}

import type { CSSProperties } from 'react';
import type { ResultSummary } from '../api/types';
import { formatSpan } from '../numbers/time';
import classes from './Took.module.css';

/** How long it took, and on what. For digits that were stored already it is the time they once took. */
export function Took({ result }: { result: ResultSummary }) {
  const { queue, compute, write } = result.timing_ms;
  const parts = [
    { name: 'Queue', time: queue, look: classes.queue },
    { name: 'Compute', time: compute, look: classes.compute },
    { name: 'Verify and write', time: write, look: classes.write },
  ];
  const spoken = parts.map(({ name, time }) => `${name} ${formatSpan(time)}`).join(', ');
  return (
    <section className={classes.took} aria-label="Timing">
      <h2>Took {formatSpan(queue + compute + write)}</h2>
      <div className={classes.split} role="img" aria-label={spoken}>
        {parts.map(({ name, time, look }) => (
          <i key={name} className={look} style={{ '--share': Math.max(time, 0.001) } as CSSProperties} />
        ))}
      </div>
      <dl className="pairs">
        {parts.map(({ name, time, look }) => (
          <Part key={name} name={name} time={time} look={look} />
        ))}
      </dl>
      {result.cache === 'miss' ? null : (
        <p className={`sm muted ${classes.origin}`}>{origins[result.cache]}</p>
      )}
    </section>
  );
}

const origins = {
  hit: 'The result was stored already: this is what it once took. You had it at once.',
  joined: 'Another job had asked for the same, so it was computed once for both.',
};

const Part = ({ name, time, look }: { name: string; time: number; look: string | undefined }) => (
  <>
    <dt>
      <span className={`${classes.key} ${look}`} />
      {name}
    </dt>
    <dd>{formatSpan(time)}</dd>
  </>
);

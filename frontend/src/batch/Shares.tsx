import type { CSSProperties } from 'react';
import type { Batch } from '../api/types';
import { formatInteger } from '../numbers/format';
import { endedOf } from './pace';
import classes from './Shares.module.css';

/** The states in the order in which a bar and the figures below it have them. */
export const parts = [
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'running',
  'queued',
  'scheduled',
] as const;

/** The counts of a batch as one bar. */
export function Shares({ batch, thin = false }: { batch: Batch; thin?: boolean }) {
  const { counts } = batch;
  const done = endedOf(batch);
  return (
    <div
      className={`${classes.bar} ${thin ? classes.thin : ''}`}
      role="progressbar"
      aria-label="Jobs that have ended"
      aria-valuemin={0}
      aria-valuemax={counts.total}
      aria-valuenow={done}
      aria-valuetext={`${formatInteger(done)} of ${formatInteger(counts.total)}`}
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
  );
}

import { Link } from 'wouter';
import { useConnection } from '../api/connection';
import type { Batch } from '../api/types';
import { formatInteger } from '../numbers/format';
import { formatWhen } from '../numbers/time';
import { Action } from '../ui/Action';
import { WordMark } from '../ui/StateMark';
import classes from './Batches.module.css';
import { markOf } from './mark';
import { endedOf } from './pace';
import { Shares } from './Shares';
import { sweepLabel } from './sweepLabel';
import { useBatches } from './useBatch';

/** The batches, newest first, a few at a time, with how far each is. Nothing as long as there are none. */
export function Batches() {
  const { batches, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useBatches();
  const { offline } = useConnection();
  if (!batches && error && !offline) {
    return (
      <p className={`row sm ${classes.problem}`} role="alert">
        <span className="bad">The batches cannot be shown. {error.message}</span>
        <Action kind="bare" onClick={() => refetch()}>
          Try now
        </Action>
      </p>
    );
  }
  if (!batches || batches.length === 0) return null;
  return (
    <section className={classes.section} aria-labelledby="batches">
      <h2 id="batches">Batches</h2>
      <div className={`panel ${classes.wrap}`} data-stale={offline}>
        <table className={classes.table}>
          <caption className="vh">Batches, newest first</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Batch</th>
              <th scope="col">Progress</th>
              <th scope="col" className={classes.right}>
                Ended
              </th>
              <th scope="col" className={classes.right}>
                Failed
              </th>
              <th scope="col" className={classes.right}>
                Submitted
              </th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <Row key={batch.id} batch={batch} />
            ))}
          </tbody>
        </table>
      </div>
      {hasNextPage ? (
        <Action
          kind="bare"
          className={classes.more ?? ''}
          loading={isFetchingNextPage}
          onClick={() => fetchNextPage()}
        >
          Show older batches
        </Action>
      ) : null}
    </section>
  );
}

function Row({ batch }: { batch: Batch }) {
  const { id, counts, labels, created_at } = batch;
  const { [sweepLabel]: sweep, ...others } = labels;
  return (
    <tr>
      <td className={classes.state}>
        <WordMark mark={markOf(batch)} />
      </td>
      <td className={classes.what}>
        <Link href={`/batches/${id}`}>{sweep ?? `Batch of ${formatInteger(counts.total)}`}</Link>
        {Object.entries(others).map(([name, value]) => (
          <span key={name} className={classes.tag}>
            {name}: {value}
          </span>
        ))}
      </td>
      <td className={classes.progress}>
        <Shares thin batch={batch} />
      </td>
      <td className={`${classes.right} ${classes.ended}`}>
        {formatInteger(endedOf(batch))} of {formatInteger(counts.total)}
      </td>
      <td className={`${classes.right} ${classes.failed}`}>
        {counts.failed > 0 ? (
          <span className="bad">
            {formatInteger(counts.failed)}
            <span className={classes.word}> failed</span>
          </span>
        ) : (
          <span className={`muted ${classes.none}`}>–</span>
        )}
      </td>
      <td className={`${classes.right} ${classes.when}`}>
        <time dateTime={created_at}>{formatWhen(created_at)}</time>
      </td>
    </tr>
  );
}

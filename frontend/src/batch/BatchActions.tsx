import { useEffect, useRef, useState } from 'react';
import type { Batch } from '../api/types';
import { formatInteger } from '../numbers/format';
import { Action } from '../ui/Action';
import { ProblemLink } from '../ui/ProblemLink';
import classes from './BatchActions.module.css';
import { failedOf, useCancelBatch, useSubmitBatch } from './useBatch';

/** What one can do with a batch: cancel what is left of it, or run again what has failed. */
export function BatchActions({ batch }: { batch: Batch }) {
  const { id, state, counts } = batch;
  const cancel = useCancelBatch(id);
  const retry = useSubmitBatch();
  const [asking, setAsking] = useState(false);
  const failure = cancel.error ?? retry.error;
  const left = counts.scheduled + counts.queued + counts.running;
  if (asking && state === 'active') {
    return (
      <Confirm
        left={left}
        onKeep={() => setAsking(false)}
        onCancel={() => {
          setAsking(false);
          cancel.mutate();
        }}
      />
    );
  }
  return (
    <div className={`row ${classes.actions}`}>
      {failure ? (
        <span className="bad sm" role="alert">
          {failure.message} <ProblemLink error={failure} />
        </span>
      ) : null}
      {counts.failed > 0 ? (
        <Action
          icon="again"
          loading={retry.isPending}
          onClick={() => retry.mutate({ make: async () => ({ retry_of: await failedOf(id) }) })}
        >
          Retry {formatInteger(counts.failed)} failed
        </Action>
      ) : null}
      {state === 'active' ? (
        <Action kind="danger" loading={cancel.isPending} onClick={() => setAsking(true)}>
          Cancel batch
        </Action>
      ) : null}
    </div>
  );
}

type ConfirmProps = { left: number; onCancel: () => void; onKeep: () => void };

/** Many jobs end with one press, so it is asked once more, in place. */
function Confirm({ left, onCancel, onKeep }: ConfirmProps) {
  const box = useRef<HTMLFieldSetElement>(null);
  useEffect(() => box.current?.querySelector('button')?.focus(), []);
  return (
    <fieldset className={`row ${classes.actions}`} ref={box}>
      <legend className="vh">Cancel this batch</legend>
      <span className="soft sm">
        Cancel {formatInteger(left)} {left === 1 ? 'job that has' : 'jobs that have'} not ended?
      </span>
      <Action onClick={onKeep}>Keep</Action>
      <Action kind="danger" onClick={onCancel}>
        Cancel batch
      </Action>
    </fieldset>
  );
}

import { useEffect } from 'react';
import { hasStatus } from '../api/http';
import type { Args, Estimate } from '../api/types';
import { asPower, formatBytes, formatCount, formatInteger } from '../numbers/format';
import { formatRange, formatWait } from '../numbers/time';
import { announce } from '../ui/announce';
import { Bone } from '../ui/Bones';
import { Count } from '../ui/Count';
import classes from './EstimatePanel.module.css';
import { Limit } from './Limit';
import type { EstimateState } from './useEstimate';

type Props = {
  state: EstimateState;
  /** Whether it is about a document, not about the digits. */
  document: boolean;
  lastArgument: string;
  onUse: (args: Args) => void;
  onFacts: (() => void) | null;
};

/** What one would get, and for how much: shown while one types. */
export function EstimatePanel({ state, document, lastArgument, onUse, onFacts }: Props) {
  const { estimate, error, stale, settled } = state;
  const sentence = estimate && settled && !error ? inOneSentence(estimate, document) : '';
  useEffect(() => {
    if (!sentence) return;
    const timer = setTimeout(() => announce(sentence), 600);
    return () => clearTimeout(timer);
  }, [sentence]);

  return (
    <section className={classes.panel} aria-label="Estimate" aria-busy={stale}>
      <div className={classes.content} data-stale={stale && Boolean(estimate)}>
        <p className="label">You will get</p>
        {error ? (
          <Unknown error={error} />
        ) : estimate ? (
          <Known estimate={estimate} document={document} />
        ) : (
          <Loading />
        )}
      </div>
      {estimate && !error ? (
        <Limit estimate={estimate} lastArgument={lastArgument} onUse={onUse} onFacts={onFacts} />
      ) : null}
    </section>
  );
}

function Known({ estimate, document }: { estimate: Estimate; document: boolean }) {
  const { digits, seconds, queue_wait_seconds, peak_bytes, cost, cached } = estimate;
  return (
    <>
      {document ? <OfDocument digits={digits} /> : <OfDigits estimate={estimate} />}
      <dl className={`pairs ${classes.pairs}`}>
        <dt>Time</dt>
        <dd>{cached ? 'none, the result is here already' : seconds ? formatRange(seconds) : '–'}</dd>
        {queue_wait_seconds && !cached ? (
          <>
            <dt>Wait in the queue</dt>
            <dd>{formatWait(queue_wait_seconds)}</dd>
          </>
        ) : null}
        <dt>Memory on the worker</dt>
        <dd>{peak_bytes === null ? '–' : formatBytes(peak_bytes)}</dd>
        <dt>Cost</dt>
        <dd>{cost.estimated === null ? '–' : `${formatCount(cost.estimated)} ${cost.unit}`}</dd>
      </dl>
    </>
  );
}

const OfDigits = ({ estimate: { digits, bytes } }: { estimate: Estimate }) => (
  <>
    <p className={`hero num ${sizeOf(digits)}`}>
      {digits === null ? <Endless /> : <Count digits={digits} />}
    </p>
    <p className={`unit ${classes.unit}`}>
      {digits === '1' ? 'digit' : 'digits'}
      {bytes === null ? '' : `, ${formatBytes(bytes)}`}
    </p>
  </>
);

const OfDocument = ({ digits }: { digits: string | null }) => (
  <>
    <p className="hero">Facts</p>
    <p className={`unit ${classes.unit}`}>about a number {sizeInWords(digits)}</p>
  </>
);

function sizeInWords(digits: string | null) {
  if (digits === null) return 'that nobody can write down';
  return `of ${formatCount(digits)} ${digits === '1' ? 'digit' : 'digits'}`;
}

const Endless = () => (
  <>
    {'> 10'}
    <sup>{formatInteger(1000)}</sup>
  </>
);

function Unknown({ error }: { error: Error }) {
  const mine = hasStatus(error, 422) || hasStatus(error, 400);
  return (
    <>
      <p className={`hero ${classes.quiet}`}>–</p>
      <p className={`soft ${classes.unit}`}>
        {mine ? 'The estimate follows once the value can be read.' : `No estimate just now. ${error.message}`}
      </p>
    </>
  );
}

const Loading = () => (
  <div role="status" aria-label="Loading the estimate" className={classes.loading}>
    <Bone width="70%" height={56} />
    <Bone width="45%" height={24} />
    <Bone height={20} />
    <Bone height={20} />
    <Bone height={20} />
    <Bone height={20} />
  </div>
);

/** Longer figures are set smaller, so that they stay on one line. */
function sizeOf(digits: string | null) {
  const length = digits === null || asPower(digits) ? 12 : formatInteger(digits).length;
  return length > 14 ? classes.long : length > 10 ? classes.middling : '';
}

function inOneSentence(
  { digits, bytes, seconds, queue_wait_seconds, admissible, cached }: Estimate,
  document: boolean,
) {
  if (document) return `Facts about a number ${sizeInWords(digits)}.`;
  if (digits === null) return 'More digits than can be counted here.';
  const size = `${formatCount(digits)} digits${bytes ? `, ${formatBytes(bytes)}` : ''}`;
  if (!admissible) return `${size}. Over your limit.`;
  if (cached) return `${size}, ready at once.`;
  const wait = queue_wait_seconds ? `, ${formatWait(queue_wait_seconds)} in the queue` : '';
  return `${size}${seconds ? `, ${formatRange(seconds)}` : ''}${wait}.`;
}

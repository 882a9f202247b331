import { useEffect } from 'react';
import type { Args, CatalogueFunction, Estimate } from '../api/types';
import { mostJobs } from '../batch/useBatch';
import panel from '../compute/EstimatePanel.module.css';
import { Limit } from '../compute/Limit';
import { plainValue } from '../functions/Formula';
import { formatBytes, formatCount, formatInteger } from '../numbers/format';
import { formatAbout, formatRange, formatWait } from '../numbers/time';
import { announce } from '../ui/announce';
import { Bone } from '../ui/Bones';
import type { RangeReading } from './range';
import classes from './SweepEstimate.module.css';
import type { SweepEstimates } from './useSweepEstimates';

type Props = {
  fn: CatalogueFunction;
  reading: RangeReading;
  estimates: SweepEstimates;
  /** Whether the jobs make documents, not digits. */
  document: boolean;
  onUse: (args: Args) => void;
  onFacts: (() => void) | null;
};

/** How many jobs the sweep is, and what its first and last one would take: shown while one types. */
export function SweepEstimate({ fn, reading, estimates, document, onUse, onFacts }: Props) {
  const { range } = reading;
  const { first, last } = estimates;
  const error = first.error ?? last.error;
  const stale = range !== null && !error && (first.stale || last.stale);
  const [from, to] = range && !error ? [first.estimate, last.estimate] : [];
  const over = [to, from].find((estimate) => estimate?.admissible === false) ?? to;
  const sentence = range && to && !stale ? inOneSentence(range.count, over) : '';
  useEffect(() => {
    if (!sentence) return;
    const timer = setTimeout(() => announce(sentence), 600);
    return () => clearTimeout(timer);
  }, [sentence]);

  return (
    <section className={panel.panel} aria-label="Estimate" aria-busy={stale}>
      <div className={panel.content} data-stale={stale && to !== undefined}>
        <p className="label">You will get</p>
        <Size reading={reading} />
        {range && from && to ? (
          <dl className={`pairs ${panel.pairs}`}>
            <Costs fn={fn} count={range.count} first={from} last={to} document={document} />
          </dl>
        ) : range && !error ? (
          <Loading />
        ) : error && range ? (
          <p className={`soft ${classes.unknown}`}>No estimate just now. {error.message}</p>
        ) : null}
      </div>
      {over ? (
        <div className={classes.limit}>
          <p className="label">Of the {over === from && range?.count !== 1 ? 'first' : 'last'} job</p>
          <Limit
            estimate={over}
            lastArgument={Object.keys(over.args).at(-1) ?? ''}
            onUse={onUse}
            onFacts={onFacts}
          />
        </div>
      ) : null}
    </section>
  );
}

function Size({ reading: { range, tooMany } }: { reading: RangeReading }) {
  if (range) {
    return (
      <>
        <p className="hero num">{formatInteger(range.count)}</p>
        <p className={`unit ${panel.unit}`}>{range.count === 1 ? 'job' : 'jobs, as one batch'}</p>
      </>
    );
  }
  return (
    <>
      <p className={`hero ${tooMany ? panel.long : ''} ${panel.quiet}`}>
        {tooMany ? `> ${formatInteger(mostJobs)}` : '–'}
      </p>
      <p className={`soft ${panel.unit}`}>
        {tooMany
          ? 'More jobs than one sweep may have.'
          : 'The number of jobs follows once the range can be read.'}
      </p>
    </>
  );
}

type CostProps = {
  fn: CatalogueFunction;
  count: number;
  first: Estimate;
  last: Estimate;
  document: boolean;
};

function Costs({ fn, count, first, last, document }: CostProps) {
  const [cost, memory] = [
    mostOf(first.cost.estimated, last.cost.estimated),
    mostOf(first.peak_bytes, last.peak_bytes),
  ];
  const ends: [string, Estimate][] =
    count === 1
      ? [['It', last]]
      : [
          ['First', first],
          ['Last', last],
        ];
  return (
    <>
      {ends.map(([name, estimate]) => (
        <Pair key={name} name={name}>
          {plainValue(fn.notation, estimate.args)}
          <span className="soft">, {sizeInWords(estimate, document)}</span>
        </Pair>
      ))}
      <Pair name="CPU time, all">{cost === null ? '–' : cpuTime(count, cost, last.cost.unit)}</Pair>
      {last.queue_wait_seconds ? (
        <Pair name="Wait in the queue">{formatWait(last.queue_wait_seconds)}</Pair>
      ) : null}
      <Pair name="Memory, each">{memory === null ? '–' : `up to ${formatBytes(memory)}`}</Pair>
    </>
  );
}

const Pair = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

/** The larger of two numbers that are digits; null where one is not known. */
function mostOf(a: string | null, b: string | null) {
  if (a === null || b === null) return null;
  return BigInt(a) > BigInt(b) ? a : b;
}

/** If each took as long as the costlier end; the sum is less where the cost grows along the way. */
function cpuTime(count: number, cost: string, unit: string) {
  const all = BigInt(count) * BigInt(cost);
  if (unit !== 'cpu-ms') return `up to ${formatCount(String(all))} ${unit}`;
  const seconds = Number(all) / 1000;
  return seconds < 1 ? 'under 1 s' : `up to ${formatAbout(seconds)}`;
}

function sizeInWords({ digits, seconds, cached }: Estimate, document: boolean) {
  const size = document
    ? 'facts'
    : digits === null
      ? 'beyond all writing'
      : `${formatCount(digits)} ${digits === '1' ? 'digit' : 'digits'}`;
  return cached ? `${size}, here already` : seconds ? `${size}, ${formatRange(seconds)}` : size;
}

const Loading = () => (
  <div role="status" aria-label="Loading the estimate" className={panel.loading}>
    <Bone height={20} />
    <Bone height={20} />
    <Bone height={20} />
  </div>
);

function inOneSentence(count: number, over: Estimate | undefined) {
  const jobs = `${formatInteger(count)} ${count === 1 ? 'job' : 'jobs'}`;
  return over?.admissible === false ? `${jobs}. Some are over your limit.` : `${jobs}.`;
}

import type { ReactNode } from 'react';
import type { CatalogueFunction, Job } from '../api/types';
import { formatInteger } from '../numbers/format';
import { formatDay } from '../numbers/time';

/** What was asked for, and what it cost. */
export function Details({ job, fn }: { job: Job; fn: CatalogueFunction | undefined }) {
  const method = fn?.methods.find((m) => m.name === job.method);
  const rows: [string, ReactNode][] = [
    ['Function', fn?.title ?? job.function],
    ['Method', method?.title ?? job.method],
    ['Queue', job.queue.name],
    ['Estimated cost', `${formatInteger(job.cost.estimated)} ${job.cost.unit}`],
  ];
  if (job.cost.actual !== null)
    rows.push(['Actual cost', `${formatInteger(job.cost.actual)} ${job.cost.unit}`]);
  if (job.result?.calls) rows.push(['Calls', formatInteger(job.result.calls)]);
  if (job.attempt > 0) rows.push(['Tries', `${job.attempt}`]);
  for (const [name, value] of Object.entries(job.labels)) rows.push([`Label ${name}`, value]);
  rows.push(['Submitted', formatDay(job.created_at)]);
  if (job.expires_at) rows.push(['Kept until', formatDay(job.expires_at)]);
  rows.push([
    'Trace',
    <span key="trace" className="mono xs">
      {job.trace_id}
    </span>,
  ]);
  return (
    <section className="section">
      <header>
        <h2>Details</h2>
      </header>
      <dl className="pairs">
        {rows.map(([name, value]) => (
          <Pair key={name} name={name} value={value} />
        ))}
      </dl>
    </section>
  );
}

const Pair = ({ name, value }: { name: string; value: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
);

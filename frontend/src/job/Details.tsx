import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { CatalogueFunction, Job } from '../api/types';
import { formatInteger } from '../numbers/format';
import { formatDay } from '../numbers/time';
import { capitalised } from '../numbers/words';
import classes from './Details.module.css';
import { shortId } from './title';

/** What was asked for, and what it cost. */
export function Details({ job, fn }: { job: Job; fn: CatalogueFunction | undefined }) {
  const rows = rowsOf(job, fn).filter(([, value]) => value !== null);
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

type Row = [string, ReactNode];

const rowsOf = (job: Job, fn: CatalogueFunction | undefined): Row[] => [
  ['Function', fn?.title ?? job.function],
  ['Method', fn?.methods.find(({ name }) => name === job.method)?.title ?? job.method],
  ['Priority', capitalised(job.priority)],
  ['Queue', job.queue.name],
  ['Estimated cost', `${formatInteger(job.cost.estimated)} ${job.cost.unit}`],
  ['Actual cost', job.cost.actual && `${formatInteger(job.cost.actual)} ${job.cost.unit}`],
  ['Calls', job.result?.calls ? formatInteger(job.result.calls) : null],
  ['Tries', job.attempt > 0 ? `${job.attempt}` : null],
  ...Object.entries(job.labels).map(([name, value]): Row => [`Label ${name}`, value]),
  ['Retry of', job.retry_of && <IdLink path="/jobs" id={job.retry_of} />],
  ['Batch', job.batch && <IdLink path="/batches" id={job.batch} />],
  ['Submitted', formatDay(job.created_at)],
  ['Run at', job.run_at && formatDay(job.run_at)],
  ['Deadline', job.deadline && formatDay(job.deadline)],
  ['Kept until', job.expires_at && formatDay(job.expires_at)],
  [
    'Trace',
    <span key="trace" className="mono xs">
      {job.trace_id}
    </span>,
  ],
  ['In Kibana', job.links.trace || job.links.log_search ? <Elsewhere key="kibana" job={job} /> : null],
];

const IdLink = ({ path, id }: { path: string; id: string }) => (
  <Link href={`${path}/${id}`} className="mono xs" title={id}>
    {shortId(id)}
  </Link>
);

/** Where Kibana shows what has happened to the job, if there is one. */
function Elsewhere({ job: { links } }: { job: Job }) {
  return (
    <span className={classes.elsewhere}>
      {links.trace && <NewTab href={links.trace}>Where the time went</NewTab>}
      {links.log_search && <NewTab href={links.log_search}>All log lines</NewTab>}
    </span>
  );
}

const NewTab = ({ href, children }: { href: string; children: string }) => (
  <a href={href} target="_blank" rel="noreferrer" title="Opens Kibana in a new tab">
    {children}
  </a>
);

const Pair = ({ name, value }: { name: string; value: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
);

import { Link } from 'wouter';
import { type CatalogueFunction, isNumber, type Job } from '../api/types';
import { FormulaOfValue } from '../functions/Formula';
import { useFunctions } from '../functions/useFunctions';
import { formatPercent } from '../numbers/format';
import { formatUntil, formatWhen } from '../numbers/time';
import { capitalised } from '../numbers/words';
import { Bar } from '../ui/Bar';
import { Count } from '../ui/Count';
import { Groups } from '../ui/Groups';
import { StateMark } from '../ui/StateMark';
import classes from './JobsTable.module.css';
import { timesOf } from './times';

const columns = [
  { name: 'State' },
  { name: 'Computation' },
  { name: 'Digits', right: true },
  { name: 'Progress or value', value: true },
  { name: 'Waited', right: true, time: true },
  { name: 'Ran', right: true, time: true },
  { name: 'Created', right: true },
];

/** The jobs as a table; on a phone each becomes an item of three lines. */
export function JobsTable({ jobs }: { jobs: Job[] }) {
  const { data: functions } = useFunctions();
  return (
    <div className={`panel ${classes.wrap}`}>
      <table className={classes.table}>
        <caption className="vh">Jobs, newest first</caption>
        <thead>
          <tr>
            {columns.map(({ name, right, value, time }) => (
              <th
                key={name}
                scope="col"
                className={[right && classes.right, value && classes.value, time && classes.time]
                  .filter(Boolean)
                  .join(' ')}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <Row key={job.id} job={job} fn={functions?.find(({ name }) => name === job.function)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ job, fn }: { job: Job; fn: CatalogueFunction | undefined }) {
  const { waited, ran } = timesOf(job);
  return (
    <tr>
      <td className={classes.state}>
        <StateMark state={job.state} />
      </td>
      <td className={classes.what}>
        <Link href={`/jobs/${job.id}`}>
          <FormulaOfValue name={job.function} args={job.args} fn={fn} />
        </Link>
        {job.retry_of ? <span className={classes.tag}>Retry</span> : null}
        {job.priority === 'standard' ? null : (
          <span className={classes.tag}>{capitalised(job.priority)}</span>
        )}
      </td>
      <td className={`${classes.right} ${classes.count}`}>
        {job.result?.digits ? <Count digits={job.result.digits} /> : <span className="muted">–</span>}
      </td>
      <td className={classes.value}>
        <ProgressOrValue job={job} />
      </td>
      <td className={`${classes.right} ${classes.time}`}>{waited}</td>
      <td className={`${classes.right} ${classes.time}`}>{ran}</td>
      <td className={`${classes.right} ${classes.when}`}>
        <time dateTime={job.created_at}>{formatWhen(job.created_at)}</time>
      </td>
    </tr>
  );
}

function ProgressOrValue({ job }: { job: Job }) {
  if (job.result && !isNumber(job.result)) return <span className="muted">Facts</span>;
  if (job.result) {
    const { digits, leading, trailing } = job.result;
    const whole = BigInt(digits) <= 20n;
    return (
      <span className={`digits ${classes.digits}`} translate="no">
        <Groups digits={whole ? leading : leading.slice(0, 15)} />
        {whole ? null : (
          <>
            <span className="muted">… </span>
            <i>{trailing.slice(-5)}</i>
          </>
        )}
      </span>
    );
  }
  if (job.state === 'running') {
    const percent = job.progress?.percent ?? null;
    return (
      <span className={classes.progress}>
        <span className={classes.bar}>
          <Bar thin percent={percent} label="Progress" />
        </span>
        <span className="num">{percent === null ? '' : formatPercent(percent)}</span>
      </span>
    );
  }
  return <span className="muted">{inWords(job)}</span>;
}

function inWords({ state, run_at, error }: Job) {
  if (state === 'queued') return 'Waiting for a worker';
  if (state === 'scheduled' && run_at) return `Starts ${formatUntil(run_at)}`;
  return error?.detail ?? endings[state];
}

const endings: Record<string, string> = {
  failed: 'No digits were published',
  cancelled: 'Cancelled before it ended',
  expired: 'Its time was up',
};

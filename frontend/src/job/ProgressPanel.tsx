import type { Estimate, Job } from '../api/types';
import { formatInteger } from '../numbers/format';
import { aboutParts, formatDay, formatSpan, rangeParts, timeParts } from '../numbers/time';
import { ordinalSuffix } from '../numbers/words';
import { Bar } from '../ui/Bar';
import classes from './ProgressPanel.module.css';
import { Steps } from './Steps';
import { useNow } from './useNow';

type Props = { job: Job; estimate: Estimate | undefined; dim: boolean };

/** How far the job is, in one large figure, with the time that is left and the steps on the way. */
export function ProgressPanel({ job, estimate, dim }: Props) {
  if (job.state === 'scheduled') return <ToCome job={job} dim={dim} />;
  const percent = job.state === 'running' ? (job.progress?.percent ?? null) : 0;
  const left = job.progress?.eta_seconds ?? null;
  return (
    <section className={`panel ${classes.panel}`} aria-label="Progress" data-dim={dim}>
      <div className={classes.figures}>
        {job.state === 'queued' ? <InLine job={job} /> : <Done percent={percent} job={job} />}
        {job.state === 'queued' && job.queue.wait_estimate_seconds ? (
          <Left label="Starts in" span={rangeParts(job.queue.wait_estimate_seconds)} />
        ) : left && job.state === 'running' ? (
          <Left label="Time left" span={rangeParts(left)} />
        ) : estimate?.seconds && !(job.progress?.percent ?? 0) ? (
          <Left label="It should take" span={rangeParts(estimate.seconds)} />
        ) : null}
      </div>
      <Bar percent={percent} label={job.progress ? `Progress, ${job.progress.phase}` : 'Progress'} />
      <Steps job={job} estimate={estimate} />
    </section>
  );
}

function Done({ percent, job }: { percent: number | null; job: Job }) {
  const now = useNow(percent === null);
  if (percent === null) {
    const { figure, unit } = spanParts(now - Date.parse(job.started_at ?? job.created_at));
    return (
      <div>
        <p className="label">Running for</p>
        <p className="hero live">
          {figure}
          <span className="unit">{unit}</span>
        </p>
      </div>
    );
  }
  return (
    <p className="hero live">
      {percent.toLocaleString(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}
      <span className="unit">%</span>
    </p>
  );
}

/** A job that waits for its time. */
function ToCome({ job, dim }: { job: Job; dim: boolean }) {
  const now = useNow(true);
  const at = job.run_at ?? job.created_at;
  const { clock, day } = timeParts(at, new Date(now));
  const seconds = Math.max(0, (Date.parse(at) - now) / 1000);
  return (
    <section className={`panel ${classes.panel}`} aria-label="Progress" data-dim={dim}>
      <div className={classes.figures}>
        <div>
          <p className="label">Starts</p>
          <p className="hero">
            {clock}
            <span className="unit">{day}</span>
          </p>
        </div>
        <Left label="In" span={aboutParts(seconds)} />
      </div>
      <p className="soft">{formatDay(at)} in your time zone. Then it goes into the queue by itself.</p>
    </section>
  );
}

const InLine = ({ job }: { job: Job }) =>
  job.queue.position === null ? <Waiting job={job} /> : <Place ahead={Number(job.queue.position)} />;

function Place({ ahead }: { ahead: number }) {
  return (
    <div>
      <p className="label">{aheadInWords(ahead)}</p>
      <p className="hero live">
        {formatInteger(ahead + 1)}
        <span className={`unit ${classes.ordinal}`}>{ordinalSuffix(ahead + 1)} in line</span>
      </p>
    </div>
  );
}

function aheadInWords(ahead: number) {
  if (ahead === 0) return 'Next in line';
  return `${formatInteger(ahead)} ahead`;
}

function Waiting({ job }: { job: Job }) {
  const { figure, unit } = spanParts(useNow(true) - Date.parse(job.created_at));
  return (
    <div>
      <p className="label">In line for</p>
      <p className="hero live">
        {figure}
        <span className="unit">{unit}</span>
      </p>
    </div>
  );
}

type LeftProps = { label: string; span: { figure: string; unit: string } };

function Left({ label, span: { figure, unit } }: LeftProps) {
  return (
    <div className={classes.left}>
      <p className="label">{label}</p>
      <p className="hero2 live">
        {figure}
        <span className="unit">{unit}</span>
      </p>
    </div>
  );
}

/** A span in whole seconds, split at its first blank. */
function spanParts(milliseconds: number) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const text = seconds < 100 ? `${seconds} s` : formatSpan(seconds * 1000);
  const [figure = '', ...unit] = text.split(' ');
  return { figure, unit: unit.join(' ') };
}

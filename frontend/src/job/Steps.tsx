import type { Estimate, Job, Progress } from '../api/types';
import { formatBytes, formatInteger } from '../numbers/format';
import { between, formatRange, formatSpan } from '../numbers/time';
import { Icon, type IconName } from '../ui/Icon';
import classes from './Steps.module.css';

const phases: Record<Progress['phase'], string> = { compute: 'Compute', write: 'Write', verify: 'Verify' };
const order = Object.keys(phases) as Progress['phase'][];
const icons: Record<Step['state'], IconName> = { done: 'check', now: 'arc', next: 'dashed' };

type Step = { name: string; state: 'done' | 'now' | 'next'; time: string; text: string };

/** The way of a job: queued, computed, written down, read back and verified. */
export function Steps({ job, estimate }: { job: Job; estimate: Estimate | undefined }) {
  return (
    <ol className={classes.steps}>
      {stepsOf(job, estimate).map(({ name, state, time, text }) => (
        <li key={name} className={classes[state]} aria-current={state === 'now' ? 'step' : undefined}>
          <Icon name={name === 'Queued' && state === 'now' ? 'dashed' : icons[state]} />
          <div>
            <b>{name}</b> <span className={`num ${classes.time}`}>{time}</span>
            <p>{text}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** `3 ahead, starts in 5–10 s`, as far as it can be told. */
export function waitInWords({ queue: { position, wait_estimate_seconds: wait } }: Job) {
  if (position === null) return 'Waiting for a worker';
  const ahead = position === '0' ? 'Next in line' : `${formatInteger(position)} ahead`;
  return wait ? `${ahead}, starts in ${formatRange(wait)}` : ahead;
}

export function stepsOf(job: Job, estimate: Estimate | undefined): Step[] {
  const { progress, state } = job;
  const at = state === 'queued' ? -1 : order.indexOf(progress?.phase ?? 'compute');
  const queued: Step =
    at < 0
      ? { name: 'Queued', state: 'now', time: '', text: waitInWords(job) }
      : {
          name: 'Queued',
          state: 'done',
          time: job.started_at ? formatSpan(between(job.created_at, job.started_at)) : '',
          text: 'Taken by a worker',
        };
  const later: Record<Progress['phase'], string> = {
    compute: '',
    verify: 'By an independent method',
    write: estimate?.bytes ? formatBytes(estimate.bytes) : '',
  };
  return [
    queued,
    ...order.map((phase, i): Step => {
      const name = phases[phase];
      if (i < at) return { name, state: 'done', time: '', text: 'Done' };
      if (i > at) return { name, state: 'next', time: '', text: later[phase] };
      return { name, state: 'now', time: '', text: progress?.detail || later[phase] };
    }),
  ];
}

import type { Priority, Wishes } from '../api/types';
import { formatSpan, formatUntil } from '../numbers/time';

/** What the form's options hold, as it was typed. Empty texts wish for nothing. */
export type Options = {
  priority: Priority;
  deadline: string;
  /** Of the deadline, in seconds, as the value of a choice. */
  unit: string;
  /** A local time as an input has it: 2026-11-24T02:00. */
  runAt: string;
};

export const noOptions: Options = { priority: 'standard', deadline: '', unit: '60', runAt: '' };

export const units = [
  { value: '1', label: 'seconds' },
  { value: '60', label: 'minutes' },
  { value: '3600', label: 'hours' },
  { value: '86400', label: 'days' },
];

/** The options as the API takes them: nothing that goes without saying, spans in seconds, times in UTC. */
export function wishesOf({ priority, deadline, unit, runAt }: Options): Wishes {
  const time = new Date(runAt);
  return {
    ...(priority === 'standard' ? {} : { priority }),
    ...(deadline.trim() === '' ? {} : { deadline_seconds: Math.round(Number(deadline) * Number(unit)) }),
    ...(Number.isNaN(time.getTime()) ? {} : { run_at: time.toISOString() }),
  };
}

/** The wishes in a few words, for where the options are folded: `High priority, ends after 10 min`. Empty without any. */
export function inShort({ priority, deadline_seconds, run_at }: Wishes): string {
  const words = [
    priority ? `${priority} priority` : '',
    run_at ? `starts ${formatUntil(run_at)}` : '',
    deadline_seconds ? `ends after ${formatSpan(deadline_seconds * 1000)}` : '',
  ].filter(Boolean);
  return words.join(', ');
}

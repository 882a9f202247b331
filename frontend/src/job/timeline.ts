import type { Attempt, Job } from '../api/types';
import { formatSpan } from '../numbers/time';
import type { IconName } from '../ui/Icon';

type Look = { icon: IconName; tone: 'ok' | 'accent' | 'bad' | 'soft' };

/** How each outcome of an attempt is told beside its words. */
export const looks: Record<Attempt['state'], Look> = {
  running: { icon: 'arc', tone: 'accent' },
  succeeded: { icon: 'check', tone: 'ok' },
  failed: { icon: 'cross', tone: 'bad' },
  lost: { icon: 'cross', tone: 'bad' },
  released: { icon: 'again', tone: 'soft' },
  abandoned: { icon: 'slash', tone: 'soft' },
};

const words: Record<Attempt['state'], (span: string) => string> = {
  running: (span) => `Running for ${span}`,
  succeeded: (span) => `Done in ${span}`,
  failed: (span) => `Failed after ${span}`,
  lost: (span) => `Worker lost after ${span}`,
  released: (span) => `Given back after ${span}`,
  abandoned: (span) => `Stopped after ${span}`,
};

const beginOf = ({ started_at }: Attempt) => Date.parse(started_at);
const endOf = ({ ended_at }: Attempt, now: number) => (ended_at ? Date.parse(ended_at) : now);

/** How an attempt stands or ended, in words. */
export const outcomeOf = (attempt: Attempt, now: number) =>
  words[attempt.state](formatSpan(Math.max(0, endOf(attempt, now) - beginOf(attempt))));

/** A span of time that all attempts fit into; `guessed` if it ends where the job is expected to. */
export type Axis = { from: number; to: number; guessed: boolean };

export function axisOf(attempts: Attempt[], active: Job | null, now: number): Axis {
  const from = Math.min(...attempts.map(beginOf));
  const last = Math.max(...attempts.map((attempt) => endOf(attempt, now)));
  const left = active?.state === 'running' ? (active.progress?.eta_seconds?.[1] ?? 0) : 0;
  return { from, to: Math.max(from + 1, last + left * 1000), guessed: left > 0 };
}

/** Where an attempt stands on the axis, in percent. */
export function placeOn({ from, to }: Axis, attempt: Attempt, now: number) {
  const share = (time: number) => (100 * (Math.min(to, Math.max(from, time)) - from)) / (to - from);
  const begin = share(beginOf(attempt));
  return { from: begin, width: Math.max(0, share(endOf(attempt, now)) - begin) };
}

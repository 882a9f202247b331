// Spans and points of time as people read them.

type Scale = { unit: string; seconds: number };
const scales: [Scale, ...Scale[]] = [
  { unit: 's', seconds: 1 },
  { unit: 'min', seconds: 60 },
  { unit: 'h', seconds: 3600 },
  { unit: 'days', seconds: 86400 },
  { unit: 'years', seconds: 31557600 },
];

const scaleOf = (seconds: number) => scales.findLast((s) => seconds >= s.seconds * 1.5) ?? scales[0];

function amount(value: number) {
  const fractions = value < 9.95 && Math.abs(value - Math.round(value)) > 0.05 ? 1 : 0;
  return value.toLocaleString(undefined, { maximumFractionDigits: fractions });
}

/** A span that was measured: 752 ms, 9.3 s, 4 min 5 s. */
export function formatSpan(milliseconds: number) {
  if (milliseconds < 0.5) return 'under 1 ms';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 99.95)
    return `${(Math.round(seconds * 10) / 10).toLocaleString(undefined, { minimumFractionDigits: 1 })} s`;
  if (seconds < 7200) {
    const rest = Math.round(seconds % 60);
    return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ''}`;
  }
  const scale = scaleOf(seconds);
  return `${amount(seconds / scale.seconds)} ${scale.unit}`;
}

/** A thousand years, in seconds. */
const longestTold = 31557600e3;

/** A span still to come, split into figure and unit, since they are set in two sizes: 11–15 and s. */
export function rangeParts([least, most]: readonly number[]): { figure: string; unit: string } {
  const high = most ?? 0;
  if (high < 1) return { figure: 'under 1', unit: 's' };
  if (high > longestTold) return { figure: 'over 1,000', unit: 'years' };
  const scale = scaleOf(high);
  const from = amount(Math.round((least ?? 0) / scale.seconds));
  const to = amount(Math.ceil(high / scale.seconds));
  return { figure: from === to || from === '0' ? `about ${to}` : `${from}–${to}`, unit: scale.unit };
}

/** A span still to come: about 1 s, 20–35 s. */
export function formatRange(seconds: readonly number[]) {
  const { figure, unit } = rangeParts(seconds);
  return `${figure} ${unit}`;
}

/** A span whose end is fixed, split in the same way: about 13 and h. */
export function aboutParts(seconds: number): { figure: string; unit: string } {
  if (seconds < 1) return { figure: 'under 1', unit: 's' };
  const { seconds: size, unit } = scaleOf(seconds);
  return { figure: `about ${amount(unit === 's' ? Math.round(seconds) : seconds / size)}`, unit };
}

/** A span whose end is fixed: about 13 h. */
export function formatAbout(seconds: number) {
  const { figure, unit } = aboutParts(seconds);
  return `${figure} ${unit}`;
}

/** A wait still to come, nothing to speak of included. */
export const formatWait = (seconds: readonly number[]) =>
  (seconds[1] ?? 0) < 0.5 ? 'no wait' : formatRange(seconds);

/** Milliseconds between two times of the API, never negative. */
export const between = (from: string, to: string) => Math.max(0, Date.parse(to) - Date.parse(from));

/** The clock with seconds: 14:02:07. */
export const formatClock = (time: string | Date) =>
  new Date(time).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit', second: '2-digit' });

/** A point in the past, as much as tells it apart: 14:02, Sun 21:08, 3 Nov. */
export function formatWhen(time: string, now = new Date()) {
  const then = new Date(time);
  const clock = then.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
  if (then.toDateString() === now.toDateString()) return clock;
  if (now.getTime() - then.getTime() < 6 * 86400_000) {
    return `${then.toLocaleDateString(undefined, { weekday: 'short' })} ${clock}`;
  }
  return then.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** The clock to the millisecond, as logs have it: 14:02:13.402. */
export const formatInstant = (time: string) =>
  new Date(time).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hour12: false,
  });

const dayMillis = 86_400_000;

/** A point of time to come, split into clock and day, since they are set in two sizes: 02:00 and tomorrow. */
export function timeParts(time: string | Date, now = new Date()): { clock: string; day: string } {
  const then = new Date(time);
  const clock = then.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(then) - midnight(now)) / dayMillis);
  if (days === 0) return { clock, day: 'today' };
  if (days === 1) return { clock, day: 'tomorrow' };
  const year = then.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const };
  return {
    clock,
    day: then.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', ...year }),
  };
}

/** A point of time to come within a sentence: `at 14:12:07` today, else `on Tuesday 24 November, 02:00`. */
export function formatUntil(time: string, now = new Date()) {
  const isToday = timeParts(time, now).day === 'today';
  return isToday ? `at ${formatClock(time)}` : `on ${formatDay(time)}`;
}

/** A day in full: Tuesday 24 November, 02:00. */
export const formatDay = (time: string) =>
  new Date(time).toLocaleString(undefined, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  });

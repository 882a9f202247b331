import type { LogLine, LogList } from '../api/types';

/** As many lines as the server keeps of a job. */
export const mostLines = 200;

export const noLines: LogList = { lines: [], next: '0' };

export const logKey = (id: string) => ['log', id];

/** The lines and others, in the order of their times, each once: lines come by events and by questions, in whatever order. */
export function withLines(known: LogList, more: LogLine[]): LogList {
  const all = new Map(known.lines.map((line) => [keyOf(line), line]));
  for (const line of more) all.set(keyOf(line), line);
  if (all.size === known.lines.length) return known;
  const lines = [...all.values()].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  return { ...known, lines: lines.slice(-mostLines) };
}

const keyOf = ({ time, attempt, level, message, attributes }: LogLine) =>
  JSON.stringify([time, attempt, level, message, attributes]);

/** A line as text: 14:02:13.402 warn worker lost attempt=1 worker=worker-2. */
export const asText = ({ time, level, message, attempt, attributes }: LogLine) =>
  [time, level, message, `attempt=${attempt}`, ...pairsOf(attributes)].join(' ');

/** `name=value`, with quotes around values that hold blanks. */
export const pairsOf = (attributes: LogLine['attributes']) =>
  Object.entries(attributes).map(
    ([name, value]) => `${name}=${/[\s"]/.test(value) || value === '' ? JSON.stringify(value) : value}`,
  );

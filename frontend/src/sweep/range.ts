import { mostJobs } from '../batch/useBatch';
import { formatCount, formatInteger, formatValue } from '../numbers/format';
import { parseInteger } from '../numbers/parse';

/** A range as it was typed. */
export type RangeText = { from: string; to: string; step: string };

/** A range as it was read: `count` values from `first` up to `last`, which the steps meet. */
export type Range = { first: bigint; last: bigint; step: bigint; count: number };

/** What came of reading a range: either the range, or what is wrong with which part of it. */
export type RangeReading = {
  range: Range | null;
  problems: Partial<Record<keyof RangeText, string>>;
  /** Of a range with too many values: how many, and the least step with which it has few enough. */
  tooMany?: { count: bigint; step: bigint };
};

/** What is wrong with a text that is to be a whole number, or undefined. */
export function problemOf(text: string): string | undefined {
  if (parseInteger(text) !== null) return undefined;
  if (text.trim() === '') return 'Write a whole number here.';
  return `${brief(text)} is not a whole number of up to 1,000 digits. Write 1e6, 10^6 or 1 000 000.`;
}

const brief = (text: string) => `“${text.length > 24 ? `${text.slice(0, 24)}…` : text}”`;

export function readRange({ from, to, step }: RangeText): RangeReading {
  const problems: RangeReading['problems'] = {};
  for (const [name, text] of Object.entries({ from, to, step })) {
    const problem = problemOf(text);
    if (problem) problems[name as keyof RangeText] = problem;
  }
  const [first, end, by] = [from, to, step].map((text) => BigInt(parseInteger(text) ?? -1));
  if (by === 0n) problems.step = 'A step of 0 leads nowhere. Write 1 or more.';
  if (first === undefined || end === undefined || by === undefined) return { range: null, problems };
  if (first >= 0n && end >= 0n && end < first) {
    problems.to = `It ends before it begins. Write ${formatValue(String(first))} or more.`;
  }
  if (Object.keys(problems).length > 0) return { range: null, problems };

  const count = (end - first) / by + 1n;
  if (count > mostJobs) {
    const enough = (end - first) / BigInt(mostJobs) + 1n;
    problems.step =
      `That makes ${formatCount(String(count))} jobs, and ${formatInteger(mostJobs)} is the most. ` +
      `Take steps of ${formatValue(String(enough))} or more, or a shorter range.`;
    return { range: null, problems, tooMany: { count, step: enough } };
  }
  return { range: { first, last: first + by * (count - 1n), step: by, count: Number(count) }, problems };
}

/** The values of a range, as plain digits. */
export function* valuesOf({ first, step, count }: Range): Generator<string> {
  for (let i = 0, value = first; i < count; i++, value += step) yield String(value);
}

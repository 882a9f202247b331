import { ProblemError } from '../api/http';
import type { Args, BatchRequest, Labels, Wishes } from '../api/types';
import { sweepLabel } from '../batch/sweepLabel';
import { plainValue } from '../functions/Formula';
import { readable } from '../functions/fields';
import { formatBytes } from '../numbers/format';
import type { Draft } from './draft';
import { asValue } from './labels';
import { type Range, valuesOf } from './range';

/** A sweep that can be submitted. */
export type Sweep = { draft: Draft; range: Range; notation: string; wishes: Wishes; labels: Labels };

/** The largest body that the server takes, in bytes. */
const largestBody = 8 * 2 ** 20;

/** The sweep as one batch: each job has the person's labels, and the batch says in one more what it sweeps over. */
export function batchRequest({ draft, range, notation, wishes, labels }: Sweep): BatchRequest {
  const { function: fn, over, method } = draft;
  const fixed = fixedOf(draft);
  const same = {
    ...(method === 'fast' ? {} : { method }),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...wishes,
  };
  const jobs = [];
  const encoder = new TextEncoder();
  let size = 0;
  for (const value of valuesOf(range)) {
    const job = { function: fn, args: { ...fixed, [over]: value }, ...same };
    size += encoder.encode(JSON.stringify(job)).length + 1;
    if (size > largestBody - 4096) throw new TooLargeError(size, jobs.length);
    jobs.push(job);
  }
  const name = asValue(nameOf(draft, range, notation, plainly));
  return { jobs, labels: { [sweepLabel]: name, ...labels } };
}

/** The sweep would make a larger request than the server takes. */
export class TooLargeError extends Error {
  override name = 'TooLargeError';
  constructor(size: number, jobs: number) {
    super(
      `The first ${jobs} jobs make a request of ${formatBytes(String(size))} already, which is all that the server takes. ` +
        'Sweep over fewer or smaller numbers, or use shorter labels.',
    );
  }
}

/** What tells one sweep from another. */
export const identity = ({ draft, wishes, labels }: Sweep) => JSON.stringify([draft, wishes, labels]);

/** The arguments that stay the same. */
const fixedOf = ({ args, over }: Draft): Args =>
  Object.fromEntries(Object.entries(args).filter(([name]) => name !== over));

/** The arguments of the job for one value of the range. */
export const argsAt = (draft: Draft, value: bigint) => ({ ...draft.args, [draft.over]: String(value) });

/** Which jobs the sweep has: F(1), F(2) … F(300). */
export function nameOf(draft: Draft, range: Range, notation: string, write?: (digits: string) => string) {
  const { first, last, step, count } = range;
  const at = (value: bigint) => plainValue(notation, readable(argsAt(draft, value)), write);
  if (count === 1) return at(first);
  if (count === 2) return `${at(first)}, ${at(last)}`;
  return `${at(first)}, ${at(first + step)} … ${at(last)}`;
}

/** Digits as they are, since what is stored has no locale; of long ones the ends. */
const plainly = (digits: string) =>
  digits.length <= 20 ? digits : `${digits.slice(0, 6)}…${digits.slice(-6)}`;

/** What the answer to the batch says is wrong with a part of its jobs, such as `/args/n`: the first of it, and with which job. */
export function wrongAt(error: Error | null, part: string): { detail: string; job: number } | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  for (const { pointer, detail } of error.problem.errors ?? []) {
    const [, job, rest] = /^\/jobs\/(\d+)(\/.*)$/.exec(pointer) ?? [];
    if (job !== undefined && rest === part) return { detail, job: Number(job) };
  }
  return undefined;
}

import { useRef } from 'react';
import { OfflineError, ProblemError } from './http';
import { randomHex } from './trace';

/** How often a request that got no answer is sent again by itself. */
const repeats = 3;

/**
 * Sends a request that must be carried out once only, however often it is sent: for as long as it is the same request and has not
 * been answered it carries the same key, so a double click or a lost answer makes one job.
 */
export function useOnce() {
  const kept = useRef({ what: '', key: '' });
  /** `what` tells one request from another. */
  return async function once<T>(what: string, request: (key: string) => Promise<T>): Promise<T> {
    if (kept.current.what !== what) kept.current = { what, key: newKey() };
    const answer = await request(kept.current.key);
    kept.current = { what: '', key: '' };
    return answer;
  };
}

/** For a mutation: whether to send it again by itself. The first may still be on its way through the server. */
export const worthRepeating = (failures: number, error: Error) =>
  failures < repeats && (error instanceof OfflineError || isInProgress(error));

const isInProgress = (error: Error) =>
  error instanceof ProblemError && error.kind === 'idempotency-in-progress';

/** For a mutation: how long to wait before that, in milliseconds. */
export const pauseBeforeRepeat = (failures: number, error: Error) =>
  error instanceof ProblemError && error.retryAfter ? error.retryAfter * 1000 : 300 * 2 ** failures;

/** 128 random bits. `crypto.randomUUID` is not there for pages without TLS from other machines. */
export const newKey = () => randomHex(16);

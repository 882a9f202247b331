import { ProblemError } from '../api/http';
import { isActive, type VersionedJob } from '../api/types';

/** How long one question may wait at the server for a change, in seconds. */
const longest = 20;
/** Changes are shown at most this often. */
const shortestPause = 200;
/** A tab in the background asks now and then instead: waiting answers would use up the browser's few connections. */
const backgroundPause = 2000;

type Steps = {
  /** Asks for the job if it differs from the version `etag`; null if it does not within `seconds`. */
  ask: (etag: string, seconds: number, signal: AbortSignal) => Promise<VersionedJob | null>;
  onJob: (next: VersionedJob) => void;
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  hidden?: () => boolean;
};

/**
 * Follows a job until it has ended or the signal says so: one long question after the other, each about what has changed since
 * the last answer. A failure is asked again after 1, 2, 4 … 15 seconds.
 *
 * @throws {ProblemError} if the server refuses for good, such as when the job was deleted.
 */
export async function follow(start: VersionedJob, steps: Steps, signal: AbortSignal): Promise<void> {
  const { ask, onJob, pause = sleep, hidden = () => document.hidden } = steps;
  let known = start;
  for (let failures = 0; isActive(known.job) && !signal.aborted; ) {
    try {
      const background = hidden();
      const next = await ask(known.etag, background ? 0 : longest, signal);
      if (signal.aborted) return;
      failures = 0;
      if (next) {
        known = next;
        onJob(next);
      }
      await pause(background ? backgroundPause : shortestPause, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ProblemError && isFinal(error.problem.status)) throw error;
      await pause(backOff(failures++), signal);
    }
  }
}

const isFinal = (status: number) => status >= 400 && status < 500 && status !== 408 && status !== 429;

const backOff = (failures: number) => Math.min(15_000, 1000 * 2 ** failures);

/** Resolves after a time, or as soon as the signal says so, or when the network or the tab comes back. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', shown);
      resolve();
    };
    const shown = () => {
      if (!document.hidden) done();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', shown);
  });
}

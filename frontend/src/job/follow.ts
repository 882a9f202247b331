import { ProblemError } from '../api/http';
import { isActive, type Job, type LogLine, type VersionedJob } from '../api/types';
import type { JobEvent, StreamEnd } from './listen';
import { newest } from './newest';

/** How long one question may wait at the server for a change, in seconds. */
const longest = 20;
/** The place in the queue changes without the job's version, so where there are no events it is asked for this often, in seconds. */
const placeEvery = 3;
/** A stream that says nothing for this long is checked by a question, in milliseconds. */
const quiet = 10_000;
/** Changes are shown at most this often. */
const shortestPause = 200;
/** A tab in the background asks now and then instead: waiting answers would use up the browser's few connections. */
const backgroundPause = 2000;
/** A stream that ends sooner was not worth it, in milliseconds. */
const shortLived = 3000;

/** How the page learns of changes: by events, or by asking. */
export type Way = 'events' | 'questions';

type Steps = {
  /** Asks for the job if it differs from the version `etag`; null if it does not within `seconds`. */
  ask: (etag: string, seconds: number, signal: AbortSignal) => Promise<VersionedJob | null>;
  /** Listens to events; undefined where there are none. See {@link listenTo}. */
  listen?: ((onEvent: (event: JobEvent) => void, signal: AbortSignal) => Promise<StreamEnd>) | undefined;
  onJob: (next: VersionedJob) => void;
  onLine?: (line: LogLine) => void;
  onWay?: (way: Way) => void;
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  hidden?: () => boolean;
};

/**
 * Follows a job until it has ended or the signal says so. While the page is seen it listens to the job's events; where they cannot
 * be had it asks, one long question after the other, each about what has changed since the last answer, and tries the events again
 * later. A failure is asked again after 1, 2, 4 … 15 seconds.
 *
 * @throws {ProblemError} if the server refuses for good, such as when the job was deleted.
 */
export async function follow(start: VersionedJob, steps: Steps, signal: AbortSignal): Promise<void> {
  const follower = new Follower(start, steps, signal);
  for (let failures = 0; follower.goesOn(); ) {
    try {
      if (failures === 0 && follower.mayListen()) await follower.listen();
      else await follower.ask(failures > 0);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ProblemError && isFinal(error.problem.status)) throw error;
      follower.forgiveStream();
      await follower.pause(backOff(failures++));
    }
  }
}

class Follower {
  private refusals = 0;
  /** When the stream is worth another try. */
  private listenAgain = 0;
  private full = false;
  private readonly hidden: () => boolean;
  private readonly sleep: NonNullable<Steps['pause']>;

  constructor(
    private known: VersionedJob,
    private readonly steps: Steps,
    private readonly signal: AbortSignal,
  ) {
    this.hidden = steps.hidden ?? (() => document.hidden);
    this.sleep = steps.pause ?? sleep;
  }

  goesOn = () => isActive(this.known.job) && !this.signal.aborted;
  mayListen = () => this.steps.listen !== undefined && !this.hidden() && Date.now() >= this.listenAgain;
  pause = (milliseconds: number) => this.sleep(milliseconds, this.signal);

  /** The stream was refused because the server was away: that says nothing against streams. */
  forgiveStream() {
    this.refusals = 0;
    this.listenAgain = 0;
  }

  /** One question, and the pause after it. A quick one does not wait for a change. */
  async ask(quick: boolean) {
    this.steps.onWay?.('questions');
    const away = this.hidden() || this.full;
    const { etag, job } = this.known;
    const inLine = job.state === 'queued';
    // Without a version to differ from, a question would wait for the end of the job.
    const seconds = away || quick || !etag ? 0 : inLine ? placeEvery : longest;
    const next = await this.steps.ask(etag, seconds, this.signal);
    if (next) this.take(next);
    else if (inLine && !this.signal.aborted) this.take(await this.steps.ask('', 0, this.signal));
    await this.pause(away ? backgroundPause : shortestPause);
  }

  /** Listens until the stream ends or the page is hidden, then asks what has changed since. */
  async listen() {
    const since = Date.now();
    const how = await this.stream();
    if (!this.goesOn()) return;
    this.full = how === 'full';
    const worthless =
      how === 'refused' || how === 'full' || (how === 'lost' && Date.now() - since < shortLived);
    if (worthless) this.listenAgain = Date.now() + pauseAfter(this.refusals++);
    else this.refusals = 0;
    this.take(await this.steps.ask('', 0, this.signal));
  }

  private async stream(): Promise<StreamEnd | 'hidden'> {
    const { listen, ask } = this.steps;
    if (!listen) return 'refused';
    const own = new AbortController();
    const stop = () => own.abort();
    this.signal.addEventListener('abort', stop);
    let told = 0;
    let ahead = false; // an answer has overtaken the stream
    try {
      const ended = listen((event) => {
        if (own.signal.aborted) return;
        if (told++ === 0) this.steps.onWay?.('events');
        this.hear(event);
      }, own.signal);
      for (;;) {
        const before = told;
        const placeless = this.placeless();
        const patience = placeless ? placeEvery * 1000 : quiet;
        const how = await Promise.race([ended, this.sleep(patience, own.signal).then(() => null)]);
        if (how) return how;
        if (this.hidden()) return 'hidden';
        if (told === 0) continue; // `listen` itself knows when to give up
        if (told > before) {
          ahead = false;
          if (onLine() && !placeless) continue;
        }
        if (ahead) return 'refused'; // somebody on the way holds it back
        const next = await ask('', 0, own.signal);
        ahead = next !== null && isNewer(next.job, this.known.job);
        this.take(next);
      }
    } finally {
      this.signal.removeEventListener('abort', stop);
      own.abort();
    }
  }

  /** A job in line whose place the server could not tell yet: it may by now, without a word. */
  private placeless() {
    const { state, queue } = this.known.job;
    return state === 'queued' && queue.position === null;
  }

  private hear(event: JobEvent) {
    const { job } = this.known;
    if (event.kind === 'line') this.steps.onLine?.(event.line);
    else if (event.kind === 'job') this.take({ job: event.job, etag: '' });
    else if (event.attempt === job.attempt && event.version === job.version)
      this.take({ job: { ...job, progress: event.progress }, etag: '' });
  }

  private take(next: VersionedJob | null) {
    if (!next || this.signal.aborted) return;
    this.known = newest(this.known, next);
    this.steps.onJob(next);
  }
}

const isNewer = (a: Job, b: Job) =>
  BigInt(a.version) > BigInt(b.version) || (a.progress?.updated_at ?? '') > (b.progress?.updated_at ?? '');

/** False only where the browser says that there is no network. */
const onLine = () => typeof navigator === 'undefined' || navigator.onLine;

const isFinal = (status: number) => status >= 400 && status < 500 && status !== 408 && status !== 429;

const backOff = (failures: number) => Math.min(15_000, 1000 * 2 ** failures);

const pauseAfter = (refusals: number) => Math.min(300_000, 15_000 * 2 ** refusals);

/** Resolves after a time, or as soon as the signal says so, or when the network or the tab comes or goes. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      for (const name of ['online', 'offline']) window.removeEventListener(name, done);
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    for (const name of ['online', 'offline']) window.addEventListener(name, done);
    document.addEventListener('visibilitychange', done);
    if (signal.aborted) done();
  });
}

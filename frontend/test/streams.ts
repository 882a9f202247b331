import type { Job, LogLine, Progress } from '../src/api/types';

/** How the stand-in server deals with streams of events: as it should, with an error, or by saying nothing at all. */
export type StreamManner = 'told' | 'refused' | 'silent';

/** The streams of events that pages have open at the stand-in server. */
export class Streams {
  manner: StreamManner = 'told';
  /** How many have ever been opened, and the open ones. */
  opened = 0;
  readonly open = new Set<Stream>();

  constructor(private readonly jobs: Map<string, Job>) {}

  /** Takes the place of the browser's EventSource. */
  readonly source = ((streams: Streams) =>
    class extends Stream {
      constructor(path: string) {
        super(path.split('/')[3] ?? '', (stream) => streams.open.delete(stream));
        streams.opened++;
        streams.open.add(this);
        queueMicrotask(() => streams.begin(this));
      }
    })(this);

  private begin(stream: Stream) {
    const job = this.jobs.get(stream.id);
    if (this.manner === 'refused' || (this.manner === 'told' && !job)) stream.fail();
    else if (this.manner === 'told' && job) tell(stream, job);
  }

  /** Tells of a change of state. */
  changed(job: Job) {
    for (const stream of this.of(job.id)) tell(stream, job);
  }

  progressed(job: Job, progress: Progress) {
    for (const stream of this.of(job.id))
      stream.send('progress', { attempt: job.attempt, version: job.version, progress });
  }

  wrote(id: string, line: LogLine) {
    for (const stream of this.of(id)) stream.send('log', line);
  }

  /** Breaks every open stream. */
  cut() {
    for (const stream of [...this.open]) stream.fail();
  }

  private of = (id: string) =>
    this.manner === 'told' ? [...this.open].filter((stream) => stream.id === id) : [];
}

const isOver = ({ state }: Job) => !['scheduled', 'queued', 'running'].includes(state);

const tell = (stream: Stream, job: Job) => stream.send(isOver(job) ? 'done' : 'state', job);

/** One stream, at the page's end. */
class Stream extends EventTarget {
  private closed = false;
  constructor(
    readonly id: string,
    private readonly onClose: (stream: Stream) => void,
  ) {
    super();
  }
  close() {
    this.closed = true;
    this.onClose(this);
  }
  send(type: string, data: unknown) {
    if (!this.closed) this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
  fail() {
    if (!this.closed) this.dispatchEvent(new Event('error'));
  }
}

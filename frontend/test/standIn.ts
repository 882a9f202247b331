import type {
  Attempt,
  Estimate,
  Job,
  Request as JobRequest,
  Labels,
  LogLine,
  Problem,
  Wishes,
} from '../src/api/types';
import { parseInteger } from '../src/numbers/parse';
import { batchOf } from './batches';
import { catalogue } from './catalogue';
import { digitsBetween, facts, jobIn } from './jobs';
import { Streams } from './streams';

type Wanted = JobRequest & Wishes & { labels?: Labels };
type Posted = Wanted & { retry_of?: string[]; jobs?: Wanted[] };

/**
 * A server in memory that answers as the contract says, for tests of the app alone. Jobs stay as they are until a test changes
 * them with `put`, which also wakes the questions that wait for a change.
 */
export class StandIn {
  readonly jobs = new Map<string, Job>();
  readonly attempts = new Map<string, Attempt[]>();
  readonly logs = new Map<string, LogLine[]>();
  readonly streams = new Streams(this.jobs);
  readonly requests: { method: string; path: string; body: unknown; headers: Headers }[] = [];
  private away = false;
  /** Set to have every new job refused with this answer. */
  refuse: (() => Response) | null = null;
  /** Set to have the answer to the next submission lost on its way, though the job was made. */
  loseAnswer = false;
  private readonly waiting = new Set<() => void>();
  private readonly answered = new Map<string, Job>();
  private readonly batchesByKey = new Map<string, string>();
  private readonly batchLabels = new Map<string, Labels>();
  /** Whether answers about batches have a version, and wait for another one when asked to. */
  versions = false;
  private submitted = 0;

  /** Set to have no request arrive, and every stream broken. */
  set offline(away: boolean) {
    this.away = away;
    this.streams.manner = away ? 'refused' : 'told';
    if (away) this.streams.cut();
  }

  put(job: Job) {
    this.jobs.set(job.id, job);
    for (const wake of this.waiting) wake();
    this.streams.changed(job);
    return job;
  }

  /** Has a worker write a line about a job. */
  write(id: string, line: LogLine) {
    this.logs.set(id, [...(this.logs.get(id) ?? []), line]);
    this.streams.wrote(id, line);
  }

  /** Takes the place of the browser's fetch. */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    if (this.away) throw new TypeError('fetch failed');
    const url = new URL(String(input), 'http://127.0.0.1');
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const headers = new Headers(init.headers);
    const method = init.method ?? 'GET';
    this.requests.push({ method, path: url.pathname + url.search, body, headers });
    init.signal?.throwIfAborted();
    return this.route(method, url, body, headers, init.signal ?? undefined);
  };

  private route(method: string, url: URL, body: Posted, headers: Headers, signal?: AbortSignal) {
    const [, version, noun, id, part] = url.pathname.split('/');
    if (url.pathname === '/healthz') return json({ status: 'ok' });
    if (url.pathname === '/readyz') return json({ status: 'ok', checks: { redis: { status: 'ok' } } });
    if (version !== 'v1') return problem(404, 'not-found', 'Nothing is here.');
    if (noun === 'functions') return json({ functions: catalogue });
    if (noun === 'estimates') return this.estimate(body);
    if (noun === 'batches') return this.batch({ method, id, part, body, headers, signal });
    if (noun !== 'jobs') return problem(404, 'not-found', 'Nothing is here.');
    if (!id) return method === 'POST' ? this.submit(body, headers) : this.list(url.searchParams);
    const job = this.jobs.get(id);
    if (!job) return problem(404, 'not-found', 'There is no such job.');
    if (part === 'result') return this.result(job, headers.get('Range'));
    if (part === 'attempts') return json({ attempts: this.attempts.get(id) ?? [] });
    if (part === 'logs') {
      const lines = this.logs.get(id) ?? [];
      return json({ lines, next: String(lines.length) });
    }
    if (part === 'cancel') return answer(this.cancel(job));
    if (part === 'retry') return this.fresh(job, { retry_of: id }, headers);
    if (method === 'DELETE') {
      this.jobs.delete(id);
      return new Response(null, { status: 204 });
    }
    return this.get(id, headers, signal);
  }

  private async get(id: string, headers: Headers, signal?: AbortSignal): Promise<Response> {
    const seconds = Number(/wait=(\d+)/.exec(headers.get('Prefer') ?? '')?.[1] ?? 0);
    const known = headers.get('If-None-Match');
    const job = this.jobs.get(id);
    if (!job) return problem(404, 'not-found', 'There is no such job.');
    if (known !== etagOf(job)) return answer(job);
    if (seconds === 0) return new Response(null, { status: 304 });
    await this.change(signal);
    return this.get(id, headers, signal);
  }

  /** Ends when a job changes. */
  private change = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const wake = () => {
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
      signal?.addEventListener('abort', () => {
        this.waiting.delete(wake);
        reject(signal.reason);
      });
    });

  private cancel(job: Job) {
    const { id, function: fn, args, batch } = job;
    return this.put(jobIn('cancelled', { id, function: fn, args, batch, version: next(job) }));
  }

  private submit(body: Posted, headers: Headers) {
    if (this.refuse) return this.refuse();
    const args = readArgs(body);
    if (args instanceof Response) return args;
    const { function: fn, priority = 'standard', run_at = null } = body;
    return this.fresh({ function: fn, args, method: body.method ?? 'fast' }, { priority, run_at }, headers);
  }

  /** A new job, or the one that was made under the same key. */
  private fresh(like: Pick<Job, 'function' | 'args' | 'method'>, own: Partial<Job>, headers = new Headers()) {
    const key = headers.get('Idempotency-Key') ?? '';
    const known = key ? this.answered.get(key) : undefined;
    const { function: fn, args, method } = like;
    this.submitted += known ? 0 : 1;
    const id = `job_01938f21-7c04-7b6e-9d3a-${String(this.submitted).padStart(12, '0')}`;
    const state = own.run_at ? 'scheduled' : 'queued';
    const job = known ?? this.put(jobIn(state, { id, function: fn, args, method, ...own }));
    this.answered.set(key, job);
    if (this.loseAnswer) {
      this.loseAnswer = false;
      throw new TypeError('fetch failed');
    }
    return answer(job, 202);
  }

  private batch({ method, id, part, body, headers, signal }: AskedOfBatch) {
    const jobs = [...this.jobs.values()];
    if (method === 'POST' && !id) return this.newBatch(body, headers);
    if (!id) return this.batches();
    if (part === 'cancel') {
      for (const job of jobs) {
        if (job.batch === id && !job.links.retry) this.cancel(job);
      }
    } else if (!jobs.some(({ batch }) => batch === id)) {
      return problem(404, 'not-found', 'There is no such batch.');
    } else if (this.versions && headers.get('If-None-Match') === this.describe(id).etag) {
      return this.differs(id, headers.get('If-None-Match'), signal);
    }
    return this.answerBatch(id);
  }

  /** Makes the jobs of a batch, or knows them by their key. */
  private newBatch(body: Posted, headers: Headers) {
    if (this.refuse) return this.refuse();
    const key = headers.get('Idempotency-Key') ?? '';
    const known = this.batchesByKey.get(key);
    if (known) return this.answerBatch(known, 202);
    const id = `batch_01938f21-7c04-7b6e-9d3a-${String(this.batchLabels.size).padStart(12, '0')}`;
    this.batchesByKey.set(key, id);
    this.batchLabels.set(id, body.labels ?? {});
    for (const job of [...this.jobs.values()]) {
      if (body.retry_of?.includes(job.id)) this.fresh(job, { retry_of: job.id, batch: id });
    }
    for (const { function: fn, args, method = 'fast', labels = {} } of body.jobs ?? []) {
      this.fresh({ function: fn, args, method }, { batch: id, labels });
    }
    return this.answerBatch(id, 202);
  }

  /** All batches, the newest first. */
  private batches() {
    const ids = new Set([...this.jobs.values()].flatMap(({ batch }) => batch ?? []));
    const batches = [...ids].reverse().map((id) => this.describe(id).batch);
    return json({ batches, next_page_token: '' });
  }

  private describe(id: string) {
    const batch = batchOf(id, this.jobs.values(), this.batchLabels.get(id));
    return { batch, etag: `"${JSON.stringify(batch.counts).replace(/\D+/g, '-')}"` };
  }

  private answerBatch(id: string, status = 200) {
    const { batch, etag } = this.describe(id);
    return json(batch, status, this.versions ? { ETag: etag } : {});
  }

  /** Answers once the batch is another than the one that is known. */
  private async differs(
    id: string,
    known: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    while (this.describe(id).etag === known) await this.change(signal);
    return this.answerBatch(id);
  }

  private estimate(body: JobRequest) {
    const args = readArgs(body);
    return args instanceof Response ? args : json(estimateOf(body.function, args, body.method));
  }

  private list(query: URLSearchParams) {
    const states = query.getAll('state');
    const size = Number(query.get('page_size') ?? 50);
    const start = Number(query.get('page_token') || 0);
    const all = [...this.jobs.values()]
      .filter((job) => states.length === 0 || states.includes(job.state))
      .filter((job) => !query.get('batch') || job.batch === query.get('batch'))
      .filter((job) => !query.get('function') || job.function === query.get('function'))
      .filter(
        (job) => !query.get('label') || job.labels[query.get('label')?.split(':')[0] ?? ''] !== undefined,
      );
    const more = start + size < all.length;
    return json({ jobs: all.slice(start, start + size), next_page_token: more ? String(start + size) : '' });
  }

  private result(job: Job, range: string | null) {
    if (job.result?.media_type === 'application/json') return json(facts);
    const count = Number(job.result?.digits ?? 0);
    const [, from = '0', to = String(count - 1)] = /bytes=(\d+)-(\d+)/.exec(range ?? '') ?? [];
    return new Response(digitsBetween(Number(from), Math.min(count, Number(to) + 1)), {
      status: range ? 206 : 200,
    });
  }
}

type AskedOfBatch = {
  method: string;
  id: string | undefined;
  part: string | undefined;
  body: Posted;
  headers: Headers;
  signal: AbortSignal | undefined;
};

const next = (job: Job) => String(BigInt(job.version) + 1n);

const etagOf = (job: Job) => `"${job.version}-${job.progress?.percent ?? ''}"`;

const json = (body: unknown, status = 200, headers: HeadersInit = {}) =>
  Response.json(body, { status, headers });

const answer = (job: Job, status = 200) => json(job, status, { ETag: etagOf(job), Location: job.links.self });

/** A problem document as the contract has them. */
export function problem(status: number, kind: string, detail: string, more: Partial<Problem> = {}) {
  const body: Problem = {
    type: `/problems/${kind}`,
    title: kind,
    status,
    detail,
    request_id: 'req-1',
    ...more,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  });
}

function readArgs(body: JobRequest): Record<string, string> | Response {
  const errors: NonNullable<Problem['errors']> = [];
  const args: Record<string, string> = {};
  for (const [name, text] of Object.entries(body.args)) {
    const value = parseInteger(text);
    if (value === null) {
      errors.push({
        pointer: `/args/${name}`,
        detail: `“${text}” is not a whole number. Write 1e6, 10^6 or 1 000 000.`,
      });
    } else args[name] = value;
  }
  return errors.length
    ? problem(422, 'invalid-arguments', 'Some arguments cannot be read.', { errors })
    : args;
}

/** An estimate whose digits are a fifth of the last argument; from 10^10 on it is over the limit. */
export function estimateOf(name: string, args: Record<string, string>, method = 'fast'): Estimate {
  const [last = ''] = Object.keys(args).slice(-1);
  const n = BigInt(args[last] ?? '0');
  const digits = n > 10n ** 100n ? null : String((n * 208987640n) / 1000000000n + 1n);
  const admissible = n <= 1000000000n || method === 'facts';
  return {
    function: name,
    args,
    method,
    digits,
    bytes: method === 'facts' ? null : digits,
    cost: { estimated: digits && String(BigInt(digits) / 17000n + 1n), unit: 'cpu-ms' },
    peak_bytes: digits && String(BigInt(digits) * 4n + 1048576n),
    seconds: digits ? [Number(digits) / 4e7, Number(digits) / 1.6e7] : null,
    queue_wait_seconds: [0, 0],
    admissible,
    reason: admissible ? null : digits ? 'cost-limit-exceeded' : 'not-representable',
    limit: { cost: '600000', digits: '208987641', peak_bytes: '4000000000' },
    largest_admissible: { ...args, [last]: '1000000000' },
    cached: false,
  };
}

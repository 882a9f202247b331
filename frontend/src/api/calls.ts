import { post, send } from './http';
import { traced } from './trace';
import type {
  Attempt,
  AttemptList,
  Batch,
  CatalogueFunction,
  Estimate,
  Facts,
  Job,
  JobList,
  JobState,
  LogList,
  Readiness,
  Request,
  VersionedJob,
  Wishes,
} from './types';

// One function a call of the REST API. All of them throw what `send` throws.

type Options = { signal?: AbortSignal };

const jobPath = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`;

/** Where the digits of a job are. */
export const resultPath = (id: string) => `${jobPath(id)}/result`;

export async function listFunctions(options: Options = {}): Promise<CatalogueFunction[]> {
  const response = await send('/v1/functions', options);
  return ((await response.json()) as { functions: CatalogueFunction[] }).functions;
}

export async function estimate(request: Request, options: Options = {}): Promise<Estimate> {
  return (await post('/v1/estimates', request, options)).json();
}

/** Submits a job. Sent again with the same key it is still one job. */
export async function submit(request: Request & Wishes, key: string): Promise<VersionedJob> {
  return versioned(await post('/v1/jobs', request, once(key)));
}

export async function getJob(id: string, options: Options = {}): Promise<VersionedJob> {
  return versioned(await send(jobPath(id), options));
}

/** Waits up to `seconds` for the job to differ from the version `etag`. Null: it does not yet. */
export async function awaitJob(
  id: string,
  etag: string,
  seconds: number,
  options: Options = {},
): Promise<VersionedJob | null> {
  const headers: Record<string, string> = { Prefer: `wait=${seconds}` };
  if (etag) headers['If-None-Match'] = etag;
  const response = await send(jobPath(id), { ...options, headers });
  return response.status === 304 ? null : versioned(response);
}

export async function cancelJob(id: string): Promise<VersionedJob> {
  return versioned(await send(`${jobPath(id)}/cancel`, { method: 'POST', headers: traced() }));
}

/** Submits the same computation as a new job. */
export async function retryJob(id: string, key: string): Promise<VersionedJob> {
  return versioned(await send(`${jobPath(id)}/retry`, { method: 'POST', ...once(key) }));
}

/** The attempts at a job's computation, oldest first. */
export async function getAttempts(id: string, options: Options = {}): Promise<Attempt[]> {
  return ((await (await send(`${jobPath(id)}/attempts`, options)).json()) as AttemptList).attempts;
}

/** What workers have written about a job: the lines that are kept, oldest first. */
export async function getLogs(id: string, options: Options = {}): Promise<LogList> {
  return (await send(`${jobPath(id)}/logs`, options)).json();
}

export async function deleteJob(id: string): Promise<void> {
  await send(jobPath(id), { method: 'DELETE' });
}

/** Which jobs a list holds. */
export type JobFilter = { states: JobState[]; function: string; label: string; batch?: string };

export async function listJobs(
  filter: JobFilter,
  page: { token: string; size: number },
  options: Options = {},
): Promise<JobList> {
  const query = new URLSearchParams({ page_size: String(page.size) });
  for (const state of filter.states) query.append('state', state);
  if (filter.function) query.set('function', filter.function);
  if (filter.label) query.set('label', filter.label);
  if (filter.batch) query.set('batch', filter.batch);
  if (page.token) query.set('page_token', page.token);
  return (await send(`/v1/jobs?${query}`, options)).json();
}

const batchPath = (id: string) => `/v1/batches/${encodeURIComponent(id)}`;

/** Submits the computations of jobs that have ended once more, as one batch. */
export async function retryJobs(ids: string[], key: string): Promise<Batch> {
  return (await post('/v1/batches', { retry_of: ids }, once(key))).json();
}

export async function getBatch(id: string, options: Options = {}): Promise<Batch> {
  return (await send(batchPath(id), options)).json();
}

export async function cancelBatch(id: string): Promise<Batch> {
  return (await send(`${batchPath(id)}/cancel`, { method: 'POST', headers: traced() })).json();
}

/** The digits from offset `from` up to, not including, `to`. */
export async function getDigits(
  id: string,
  from: number,
  to: number,
  options: Options = {},
): Promise<string> {
  const response = await send(resultPath(id), { ...options, headers: { Range: `bytes=${from}-${to - 1}` } });
  const text = await response.text();
  return response.status === 206 ? text : text.slice(from, to);
}

/** All digits of a job, or its document; only for results that are known to be small. */
export async function getWholeResult(id: string): Promise<string> {
  return (await send(resultPath(id))).text();
}

/** The document of facts that a job has made. */
export async function getFacts(id: string, options: Options = {}): Promise<Facts> {
  return (await send(resultPath(id), options)).json();
}

/** What the server says of itself and of what it depends on. */
export async function getReadiness(options: Options = {}): Promise<Readiness> {
  const response = await fetch('/readyz', { cache: 'no-store', ...options });
  return response.json();
}

/** Whether the server answers at all. */
export async function ping(options: Options = {}): Promise<void> {
  await send('/healthz', options);
}

const once = (key: string) => ({ headers: { 'Idempotency-Key': `"${key}"`, ...traced(key) } });

async function versioned(response: Response): Promise<VersionedJob> {
  return { job: (await response.json()) as Job, etag: response.headers.get('ETag') ?? '' };
}

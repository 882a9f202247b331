import { post, send } from './http';
import { traced } from './trace';
import type {
  Attempt,
  AttemptList,
  Batch,
  BatchList,
  BatchRequest,
  CatalogueFunction,
  Estimate,
  Facts,
  Job,
  JobList,
  JobState,
  LogList,
  Readiness,
  Request,
  VersionedBatch,
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

/** Submits many jobs as one batch: all of them, or none. Sent again with the same key it is still one batch. */
export async function submitBatch(body: BatchRequest, key: string): Promise<VersionedBatch> {
  return versionedBatch(await post('/v1/batches', body, once(key)));
}

/** A page of the batches, newest first. */
export async function listBatches(
  page: { token: string; size: number },
  options: Options = {},
): Promise<BatchList> {
  const query = new URLSearchParams({ page_size: String(page.size) });
  if (page.token) query.set('page_token', page.token);
  return (await send(`/v1/batches?${query}`, options)).json();
}

/**
 * A batch as it stands. With the version that is known, `etag`, the server is asked to wait up to `seconds` for another one, and null says
 * that there is none; a server that does not wait says so at once.
 */
export async function getBatch(
  id: string,
  etag: string,
  seconds: number,
  options: Options = {},
): Promise<VersionedBatch | null> {
  const headers: HeadersInit = etag ? { 'If-None-Match': etag, Prefer: `wait=${seconds}` } : {};
  const response = await send(batchPath(id), { ...options, headers });
  return response.status === 304 ? null : versionedBatch(response);
}

export async function cancelBatch(id: string): Promise<VersionedBatch> {
  return versionedBatch(await send(`${batchPath(id)}/cancel`, { method: 'POST', headers: traced() }));
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

async function versionedBatch(response: Response): Promise<VersionedBatch> {
  return { batch: (await response.json()) as Batch, etag: response.headers.get('ETag') ?? '' };
}

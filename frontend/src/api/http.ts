import { heard, unheard } from './connection';
import type { Problem } from './types';

/** An answer of the server other than 2xx or 304. The message is the problem's `detail`, meant for a person. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  constructor(
    readonly problem: Problem,
    /** Seconds after which it is worth trying again, if the server said so. */
    readonly retryAfter: number | null,
  ) {
    super(problem.detail || problem.title);
  }

  /** The last part of the type, such as `invalid-arguments`. */
  get kind() {
    return this.problem.type.split('/').at(-1) ?? '';
  }

  /** What is wrong with one part of the request, such as `/args/n`; undefined for nothing. */
  at(pointer: string) {
    return this.problem.errors?.find((e) => e.pointer === pointer)?.detail;
  }

  /** What is wrong with one argument, or undefined. */
  forArgument(name: string) {
    return this.at(`/args/${name}`);
  }

  /** Where the server explains this kind of problem; null for answers that are not its own. */
  get page() {
    return this.kind && /(^|\/)problems\/[^/]+$/.test(this.problem.type) ? `/problems/${this.kind}` : null;
  }
}

/** The server could not be reached. */
export class OfflineError extends Error {
  override name = 'OfflineError';
}

/** Whether the server answered with this status. */
export const hasStatus = (error: unknown, status: number) =>
  error instanceof ProblemError && error.problem.status === status;

/**
 * Sends a request and returns the answer if it is 2xx or 304.
 *
 * @throws {ProblemError} for every other answer.
 * @throws {OfflineError} if there was none.
 * @throws {DOMException} named AbortError if the signal said so.
 */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    unheard();
    throw new OfflineError('The server could not be reached.', { cause });
  }
  heard();
  if (response.ok || response.status === 304) return response;
  throw new ProblemError(await readProblem(response), secondsOf(response.headers.get('Retry-After')));
}

/** Sends a JSON body by POST; see {@link send}. */
export const post = (path: string, body: unknown, init: RequestInit = {}) =>
  send(path, {
    ...init,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...init.headers },
    body: JSON.stringify(body),
  });

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || 'Error',
    status: response.status,
    detail: `The server answered ${response.status}. Try again in a moment.`,
    request_id: response.headers.get('X-Request-Id') ?? '',
  };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>), status: response.status };
  } catch {
    return fallback; // not a problem document: a proxy's own page, most likely
  }
}

function secondsOf(header: string | null) {
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) ? seconds : null;
}

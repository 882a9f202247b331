import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type CatalogueFunction = Schemas['Function'];
export type Example = Schemas['Example'];
export type Estimate = Schemas['Estimate'];
export type Job = Schemas['Job'];
export type JobList = Schemas['JobList'];
export type JobState = Schemas['State'];
export type Priority = Schemas['Priority'];
export type Attempt = Schemas['Attempt'];
export type AttemptList = Schemas['AttemptList'];
export type LogLine = Schemas['LogLine'];
export type LogList = Schemas['LogList'];
export type Batch = Schemas['Batch'];
export type BatchList = Schemas['BatchList'];
export type Progress = Schemas['Progress'];
export type ResultSummary = Schemas['ResultSummary'];
export type Facts = Schemas['Facts'];
export type Problem = Schemas['Problem'];
export type Readiness = Schemas['Readiness'];

/** What is known of a result that is a number's digits, not a document about it. */
export type NumberSummary = ResultSummary & {
  [key in 'digits' | 'leading' | 'trailing' | 'scientific' | 'trailing_zeros']: string;
};

/** Whether a result is a number's digits. */
export const isNumber = (result: ResultSummary): result is NumberSummary => result.digits !== null;

/** Arguments by name: as typed in a request, as plain digits in an answer. */
export type Args = Record<string, string>;

/** What a person asks for: the body of an estimate and of a job. */
export type Request = { function: string; args: Args; method?: string };

/** What else a person may say of a job: when it is to run, until when, and how soon among others. */
export type Wishes = { priority?: Priority; deadline_seconds?: number; run_at?: string };

/** What a batch is made of: new jobs, or the ids of jobs that are to be tried again. */
export type BatchRequest =
  | { jobs: (Request & Wishes & { labels?: Labels })[]; labels?: Labels }
  | { retry_of: string[]; labels?: Labels };

/** Words of a person's own for jobs, by name. */
export type Labels = Record<string, string>;

/** A job together with the version of the answer that it came in. */
export type VersionedJob = { job: Job; etag: string };

/** A batch together with the version of the answer that it came in; an empty one where the server gives none. */
export type VersionedBatch = { batch: Batch; etag: string };

/** Whether the job can still change. */
export const isActive = ({ state }: Pick<Job, 'state'>) =>
  state === 'scheduled' || state === 'queued' || state === 'running';

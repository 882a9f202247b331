package store

import "numbermill/shared/job"

// Every Redis key and channel of ours. The part in braces is the slot: an owner's, or a shard's.
const (
	ownersKey  = "nm:owners"
	workersKey = "nm:workers"
	// resultsByAgeKey is a sorted set: blobs by when they were stored, in milliseconds.
	resultsByAgeKey = "nm:{results}:age"
	// resultSizesKey is a hash: bytes by blob, and their total.
	resultSizesKey = "nm:{results}:bytes"
	// changesChannel carries the fingerprint of a computation that has changed, or whose jobs have. It is followed by what a run of it has ended
	// with, or by a dash if nothing has ended.
	changesChannel = "nm:changes"
	// stopsChannel carries "<fingerprint> <run>" of a run that nobody waits for any more.
	stopsChannel = "nm:stops"
)

// descriptionKey is a string: what the worker says of itself, as JSON.
func descriptionKey(worker string) string { return "nm:worker:" + worker }

func leaseKey(name string) string { return "nm:lease:" + name }

// ownerPrefix begins the tag of an owner's slot; conclude.lua puts the rest together for the owners that it meets.
const ownerPrefix = "nm:{o:"

func ownerTag(o job.Owner) string { return ownerPrefix + string(o) + "}:" }

// ownerJobsKey is a sorted set: job ids by creation time in milliseconds.
func ownerJobsKey(o job.Owner) string { return ownerTag(o) + "jobs" }

// ownerOpenKey is a sorted set: ids of jobs that may not have ended, by the time of their next check in milliseconds.
func ownerOpenKey(o job.Owner) string { return ownerTag(o) + "open" }

// ownerDeadlinesKey is a sorted set: ids of open jobs with a deadline, by that time in milliseconds.
func ownerDeadlinesKey(o job.Owner) string { return ownerTag(o) + "deadlines" }

// ownerScheduledKey is a sorted set: ids of jobs that wait for their time, by that time in milliseconds.
func ownerScheduledKey(o job.Owner) string { return ownerTag(o) + "scheduled" }

// ownerFinishedKey is a sorted set: ids of jobs that have ended and that the history has not got yet, by that time in milliseconds.
func ownerFinishedKey(o job.Owner) string { return ownerTag(o) + "finished" }

// ownerRefusedKey is a sorted set: ids of jobs that the history does not take, by when it said so in milliseconds.
func ownerRefusedKey(o job.Owner) string { return ownerTag(o) + "refused" }

// ownerEraseKey is a sorted set: ids of deleted jobs that are to be erased from the history, by when they were deleted in milliseconds.
func ownerEraseKey(o job.Owner) string { return ownerTag(o) + "erase" }

// idempotencyKey is a hash: what became of the request that came with an idempotency key.
func idempotencyKey(o job.Owner, name string) string { return ownerTag(o) + "key:" + name }

// ownerBatchesKey is a sorted set: batch ids by creation time in milliseconds.
func ownerBatchesKey(o job.Owner) string { return ownerTag(o) + "batches" }

// batchKey is a hash: the batch's record.
func batchKey(o job.Owner, id job.BatchID) string { return batchPrefix(o) + string(id) }

func batchPrefix(o job.Owner) string { return ownerTag(o) + "batch:" }

// batchJobsKey is a sorted set: ids of its jobs by creation time in milliseconds.
func batchJobsKey(o job.Owner, id job.BatchID) string { return batchKey(o, id) + ":jobs" }

// batchOpenKey is a set: ids of its jobs that have not been counted as ended.
func batchOpenKey(o job.Owner, id job.BatchID) string { return batchKey(o, id) + ":open" }

func shardTag(s job.Shard) string { return "nm:{s:" + string(s) + "}:" }

func jobPrefix(s job.Shard) string { return shardTag(s) + "job:" }

func computationPrefix(s job.Shard) string { return shardTag(s) + "comp:" }

// jobKey is a hash: the job's record.
func jobKey(id job.ID) string { return jobPrefix(id.Shard()) + string(id) }

// computationKey is a hash: the computation's record.
func computationKey(f job.Fingerprint) string { return computationPrefix(f.Shard()) + string(f) }

// attemptsKey is a hash: the timeline of a run, and how many log lines it has had.
func attemptsKey(f job.Fingerprint, run string) string {
	return computationKey(f) + ":" + run + ":attempts"
}

// logKey is a list: the last log lines of a run, as JSON.
func logKey(f job.Fingerprint, run string) string { return computationKey(f) + ":" + run + ":log" }

// poisonKey is there for as long as the computation is refused.
func poisonKey(f job.Fingerprint) string { return computationKey(f) + ":poison" }

// waitersKey is a set: ids of the jobs that wait for the computation.
func waitersKey(f job.Fingerprint) string { return computationKey(f) + ":waiters" }

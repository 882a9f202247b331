package store

import "numbermill/shared/job"

// Every Redis key and channel of ours. The part in braces is the slot: an owner's, or a shard's.
const (
	ownersKey  = "nm:owners"
	workersKey = "nm:workers"
	// changesChannel carries the fingerprint of a computation that has changed, or whose jobs have.
	changesChannel = "nm:changes"
	// stopsChannel carries "<fingerprint> <run>" of a run that nobody waits for any more.
	stopsChannel = "nm:stops"
)

// capacityKey is a string: what the worker can do, as JSON.
func capacityKey(worker string) string { return "nm:worker:" + worker }

func leaseKey(name string) string { return "nm:lease:" + name }

func ownerTag(o job.Owner) string { return "nm:{o:" + string(o) + "}:" }

// ownerJobsKey is a sorted set: job ids by creation time in milliseconds.
func ownerJobsKey(o job.Owner) string { return ownerTag(o) + "jobs" }

// ownerOpenKey is a sorted set: ids of jobs that may not have ended, by the time of their next check in milliseconds.
func ownerOpenKey(o job.Owner) string { return ownerTag(o) + "open" }

func shardTag(s job.Shard) string { return "nm:{s:" + string(s) + "}:" }

func jobPrefix(s job.Shard) string { return shardTag(s) + "job:" }

func computationPrefix(s job.Shard) string { return shardTag(s) + "comp:" }

// jobKey is a hash: the job's record.
func jobKey(id job.ID) string { return jobPrefix(id.Shard()) + string(id) }

// computationKey is a hash: the computation's record.
func computationKey(f job.Fingerprint) string { return computationPrefix(f.Shard()) + string(f) }

// waitersKey is a set: ids of the jobs that wait for the computation.
func waitersKey(f job.Fingerprint) string { return computationKey(f) + ":waiters" }

package store

import (
	"strconv"
	"strings"

	"numbermill/shared/job"
)

// onTheWay follows the fingerprint in a message of a change that is no end.
const onTheWay = "-"

// End is how a run has ended with a result, as the message of it says. The zero End says nothing: the record is to be read.
type End struct {
	// Run has ended, in this attempt.
	Run     string
	Attempt int64

	rev, started, finished int64 // the computation's revision, and times in milliseconds
	result                 *job.Result
}

// parseEnd reads what complete.lua says behind the fingerprint: run, attempt, revision, the times of the start and of the end, and the result as
// JSON. What is not like that, from a worker of another version for instance, says nothing.
func parseEnd(text string) End {
	parts := strings.SplitN(text, " ", 6)
	if len(parts) != 6 {
		return End{}
	}
	var numbers [4]int64
	for i := range numbers {
		n, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil {
			return End{}
		}
		numbers[i] = n
	}
	result, err := parse(parts[5], plainResult)
	if err != nil {
		return End{}
	}
	return End{Run: parts[0], Attempt: numbers[0], rev: numbers[1], started: numbers[2], finished: numbers[3], result: result}
}

// EndedBy is what reading the job's record would give now that its run has ended so. ok is false if the end says nothing, or is another run's:
// then it is to be read.
func (r Record) EndedBy(e End) (ended Record, ok bool) {
	if e.Run == "" || e.Run != r.Run {
		return r, false
	}
	r.ComputationRun, r.ComputationState, r.Worker, r.Progress = e.Run, job.ComputationStored, "", nil
	derive(&r, own{state: "active", base: r.Base},
		computation{rev: e.rev, attempt: e.Attempt, started: e.started, finishedMS: e.finished, result: e.result})
	return r, true
}

package job

import "slices"

// State is where a job stands.
type State string

// The states of a job. Scheduled jobs wait for their time.
const (
	Scheduled State = "scheduled"
	Queued    State = "queued"
	Running   State = "running"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// States are all states, in the order of a job's life.
func States() []State {
	return []State{Scheduled, Queued, Running, Succeeded, Failed, Cancelled, Expired}
}

// Terminal states never change any more.
func (s State) Terminal() bool { return len(successors[s]) == 0 }

// CanBecome tells whether a job in state s may change to state t. Running and queued alternate as attempts come and go.
func (s State) CanBecome(t State) bool { return slices.Contains(successors[s], t) }

var successors = map[State][]State{
	Scheduled: {Queued, Succeeded, Failed, Cancelled, Expired},
	Queued:    {Running, Succeeded, Failed, Cancelled, Expired},
	Running:   {Queued, Succeeded, Failed, Cancelled, Expired},
}

// ComputationState is where a computation stands. Absent is the lack of a record.
type ComputationState string

// The states of a computation.
const (
	ComputationAbsent     ComputationState = ""
	ComputationQueued     ComputationState = "queued"
	ComputationRunning    ComputationState = "running"
	ComputationStored     ComputationState = "stored"
	ComputationFailed     ComputationState = "failed"
	ComputationAbandoned  ComputationState = "abandoned"
	ComputationCollecting ComputationState = "collecting"
)

// CanBecome tells whether a computation in state s may change to state t; a new run starts where t is queued and s is not
// running.
func (s ComputationState) CanBecome(t ComputationState) bool {
	return slices.Contains(computationSuccessors[s], t)
}

var computationSuccessors = map[ComputationState][]ComputationState{
	ComputationAbsent:     {ComputationQueued},
	ComputationQueued:     {ComputationRunning, ComputationAbandoned},
	ComputationRunning:    {ComputationRunning, ComputationQueued, ComputationStored, ComputationFailed, ComputationAbandoned},
	ComputationStored:     {ComputationCollecting},
	ComputationFailed:     {ComputationQueued, ComputationAbsent},
	ComputationAbandoned:  {ComputationQueued, ComputationAbsent},
	ComputationCollecting: {ComputationQueued, ComputationAbsent},
}

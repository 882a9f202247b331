package api

// Status is how well something does.
type Status string

// The statuses, from good to bad.
const (
	StatusOK       Status = "ok"
	StatusDegraded Status = "degraded"
	StatusDown     Status = "down"
)

// Health says that the process serves.
type Health struct {
	Status Status `json:"status"`
}

// Readiness says whether jobs can be taken and carried.
type Readiness struct {
	// Status is the worst of the checks, except that what only slows jobs down is no more than StatusDegraded.
	Status Status           `json:"status"`
	Checks map[string]Check `json:"checks"`
}

// Check is one dependency.
type Check struct {
	Status Status `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Fsync is Redis's: always, everysec, no, off (nothing is kept) or unknown.
	Fsync string `json:"fsync,omitempty"`
}

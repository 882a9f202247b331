package api

import (
	"time"

	"numbermill/shared/job"
)

// QueueList are all queues.
type QueueList struct {
	Queues []Queue `json:"queues"`
}

// Queue is where the runs of one size class and priority wait.
type Queue struct {
	Name     string       `json:"name"`
	Class    job.Class    `json:"class"`
	Priority job.Priority `json:"priority"`
	// Depth is how many runs wait for a worker, Active how many a worker has, Retrying how many wait to be tried again.
	Depth    int64 `json:"depth"`
	Active   int64 `json:"active"`
	Retrying int64 `json:"retrying"`
	// OldestAgeSeconds is how long the first has waited, nil where none waits.
	OldestAgeSeconds *float64 `json:"oldest_age_seconds"`
	// WaitMS is how long the last runs waited, nil where none has been taken lately.
	WaitMS *WaitTimes `json:"wait_ms"`
}

// WaitTimes are in milliseconds.
type WaitTimes struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
}

// WorkerList are the workers that are alive.
type WorkerList struct {
	Workers []Worker `json:"workers"`
}

// Worker is one process that computes.
type Worker struct {
	Name      string    `json:"name"`
	Host      string    `json:"host"`
	StartedAt time.Time `json:"started_at"`
	// Draining tells whether it is shutting down, and takes nothing more.
	Draining bool `json:"draining"`
	// Threads is the most of one computation, MemoryBytes, in decimal, the most of all together.
	Threads     int         `json:"threads"`
	MemoryBytes string      `json:"memory_bytes"`
	Jobs        []WorkerJob `json:"jobs"`
}

// WorkerJob is a computation that a worker has taken.
type WorkerJob struct {
	Computation job.Fingerprint `json:"computation"`
	Run         string          `json:"run"`
	// Attempt is 0 while it waits to begin.
	Attempt  int64             `json:"attempt"`
	Queue    string            `json:"queue"`
	Function string            `json:"function"`
	Args     map[string]string `json:"args"`
	Since    time.Time         `json:"since"`
}

// ServiceStatus tells how a process of the API has been doing.
type ServiceStatus struct {
	Status        Status    `json:"status"`
	Version       string    `json:"version"`
	StartedAt     time.Time `json:"started_at"`
	UptimeSeconds float64   `json:"uptime_seconds"`
	// WindowSeconds is what time the members below are of.
	WindowSeconds float64       `json:"window_seconds"`
	Requests      RequestCounts `json:"requests"`
	// Availability is the share of requests that did not fail, from 0 to 1; nil without any.
	Availability *float64 `json:"availability"`
	// LatencyMS is nil without any requests.
	LatencyMS *Latency `json:"latency_ms"`
	// Platform is how everything has been doing, whatever process answered; nil if nobody keeps book.
	Platform *Platform `json:"platform"`
}

// Platform is how everything together has been doing, as seen from outside: the three levels of service.
type Platform struct {
	State PlatformState `json:"state"`
	// Reason says why it is not current; nil if it is.
	Reason *string `json:"reason"`
	// UnavailableSince is since when Elasticsearch has not answered; nil if it does.
	UnavailableSince *time.Time `json:"unavailable_since"`
	// AsOf is when it was found out, nil if it never was. The members below are of the WindowSeconds before that.
	AsOf          *time.Time `json:"as_of"`
	WindowSeconds float64    `json:"window_seconds"`
	// Uptime is by monitor; empty if nobody watches.
	Uptime []MonitorUptime `json:"uptime"`
	// Availability is nil without any requests.
	Availability *PlatformAvailability `json:"availability"`
	// LatencyMS is of interactive requests, nil without any.
	LatencyMS *Latency `json:"latency_ms"`
}

// PlatformState tells how old what is known of the platform is.
type PlatformState string

// The states.
const (
	PlatformCurrent PlatformState = "current"
	// PlatformStale: it is what was last found out.
	PlatformStale PlatformState = "stale"
	// PlatformUnknown: nothing is known.
	PlatformUnknown PlatformState = "unknown"
)

// MonitorUptime is how often a monitor found what it looked for.
type MonitorUptime struct {
	Monitor string `json:"monitor"`
	// Share is from 0 to 1.
	Share  float64 `json:"share"`
	Checks int64   `json:"checks"`
}

// PlatformAvailability is how many requests came in from outside, and how many of them failed with a status of 500 and more.
type PlatformAvailability struct {
	// Share is the part that did not fail, from 0 to 1.
	Share  float64 `json:"share"`
	Total  int64   `json:"total"`
	Failed int64   `json:"failed"`
}

// RequestCounts are how many requests were answered, and how many of them with a status of 500 and more.
type RequestCounts struct {
	Total  int64 `json:"total"`
	Failed int64 `json:"failed"`
}

// Latency is in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Package queue carries runs from the API to the workers on Asynq, and is the only package that speaks Asynq: names, payload,
// enqueue, serve, inspect and the web monitor stand here, so that both ends of the wire do.
//
// What Asynq knows of a task is how it is delivered, never what became of the job: that stands in package store.
package queue

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// Name is the queue that computations wait in.
const Name = "standard"

const (
	taskType = "compute"
	// taskTimeout bounds one delivery. A computation's own limits are its cost and its memory; Asynq's default of 30 minutes would
	// cut long ones short.
	taskTimeout = 24 * time.Hour
	// deliveries bounds Asynq's own count of retries. Ours, in the computation's record, is the one that decides.
	deliveries = 1000
	// keepDelivered is how long a delivered task stays visible in the web monitor.
	keepDelivered = 15 * time.Minute
)

// payload is the wire format of a task: one line of JSON that a person can read in the web monitor.
type payload struct {
	Fingerprint job.Fingerprint   `json:"computation"`
	Run         string            `json:"run"`
	Function    string            `json:"function"`
	Args        map[string]string `json:"args"`
	Method      string            `json:"method"`
}

// taskID is unique for each run: Asynq refuses an id for as long as a task with it exists, in whatever state.
func taskID(r store.Run) string { return string(r.Fingerprint) + "-" + r.ID }

func encode(r store.Run) (*asynq.Task, error) {
	b, err := json.Marshal(payload{r.Fingerprint, r.ID, r.Spec.Function, r.Spec.Args, r.Spec.Method})
	if err != nil {
		return nil, fmt.Errorf("encode task: %w", err)
	}
	return asynq.NewTaskWithHeaders(taskType, b, r.Trace), nil
}

func decode(t *asynq.Task) (store.Run, error) {
	var p payload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return store.Run{}, fmt.Errorf("decode task: %w", err)
	}
	if !p.Fingerprint.Valid() || p.Run == "" {
		return store.Run{}, fmt.Errorf("decode task: no computation or no run in %.200q", t.Payload())
	}
	return store.Run{
		Fingerprint: p.Fingerprint, ID: p.Run, Trace: t.Headers(),
		Spec: job.Spec{Function: p.Function, Args: p.Args, Method: p.Method},
	}, nil
}

// Package queue carries runs from the API to the workers on Asynq, and is the only package that speaks Asynq: names, payload,
// enqueue, serve, inspect and the web monitor stand here, so that both ends of the wire do. There is a queue for each class and priority
// (see Name). Whatever relies on Asynq's insides stands in internal/layout and is switched on by a self-test.
//
// What Asynq knows of a task is how it is delivered, never what became of the job: that stands in package store.
package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
	"numbermill/shared/store"
)

const (
	taskType = "compute"
	// taskTimeout bounds one delivery. A computation's own limits are its cost and its memory; Asynq's default of 30 minutes would
	// cut long ones short.
	taskTimeout = 24 * time.Hour
	// deliveries bounds Asynq's own count of retries. Ours, in the computation's record, is the one that decides.
	deliveries = 1000
	// keepDelivered is how long a delivered task stays visible in the web monitor. Not all of them do, since each takes some kilobyte of Redis's memory:
	// at thousands a second that would be gigabytes. Those of the last 15 minutes are at most keptPerSecond of each process that enqueues, on
	// the whole, and keptAtOnce more.
	keepDelivered = 15 * time.Minute
	keptPerSecond = 10
	keptAtOnce    = 100
	// usualPayload is what a payload takes, or a little more, in bytes.
	usualPayload = 384
)

// payload is the wire format of a task: one line of JSON that a person can read in the web monitor.
type payload struct {
	Fingerprint job.Fingerprint   `json:"computation"`
	Run         string            `json:"run"`
	Function    string            `json:"function"`
	Args        map[string]string `json:"args"`
	Method      string            `json:"method"`
	// Job is who started the run, Link its page.
	Job  job.ID `json:"job,omitempty"`
	Link string `json:"link,omitempty"`
	// Keep tells that the task stays visible once it is delivered, so that a summary of what came of it is worth writing.
	Keep bool `json:"keep,omitempty"`
}

// taskID is unique for each run: Asynq refuses an id for as long as a task with it exists, in whatever state.
func taskID(r store.Run) string { return string(r.Fingerprint) + "-" + r.ID }

func encode(r store.Run, headers map[string]string, keep bool) *asynq.Task {
	p := payload{
		Fingerprint: r.Fingerprint, Run: r.ID, Function: r.Spec.Function, Args: r.Spec.Args, Method: r.Spec.Method, Job: r.Job, Keep: keep,
	}
	if r.Job != "" {
		p.Link = "/jobs/" + string(r.Job)
	}
	return asynq.NewTaskWithHeaders(taskType, p.append(make([]byte, 0, usualPayload)), headers)
}

// append appends the payload as json.Marshal writes it.
func (p *payload) append(b []byte) []byte {
	b = plainjson.AppendString(append(b, `{"computation":`...), string(p.Fingerprint))
	b = plainjson.AppendString(append(b, `,"run":`...), p.Run)
	b = plainjson.AppendString(append(b, `,"function":`...), p.Function)
	b = plainjson.AppendMap(append(b, `,"args":`...), p.Args)
	b = plainjson.AppendString(append(b, `,"method":`...), p.Method)
	if p.Job != "" {
		b = plainjson.AppendString(append(b, `,"job":`...), string(p.Job))
	}
	if p.Link != "" {
		b = plainjson.AppendString(append(b, `,"link":`...), p.Link)
	}
	if p.Keep {
		b = append(b, `,"keep":true`...)
	}
	return append(b, '}')
}

// read reads what append has written, and anything else that encoding/json can.
func (p *payload) read(text []byte) error {
	if p.readPlain(string(text)) {
		return nil
	}
	*p = payload{}
	return json.Unmarshal(text, p)
}

// readPlain reads what append writes where all is plain; ok is false if the text is anything else.
func (p *payload) readPlain(text string) (ok bool) {
	r := plainjson.NewReader(text)
	r.Want(`{"computation":`)
	p.Fingerprint = job.Fingerprint(r.String())
	r.Want(`,"run":`)
	p.Run = r.String()
	r.Want(`,"function":`)
	p.Function = r.String()
	r.Want(`,"args":`)
	p.Args = r.Map()
	r.Want(`,"method":`)
	p.Method = r.String()
	if r.Has(`,"job":`) {
		p.Job = job.ID(r.String())
	}
	if r.Has(`,"link":`) {
		p.Link = r.String()
	}
	p.Keep = r.Has(`,"keep":true`)
	r.Want("}")
	return r.Done()
}

// decode returns the run of a task, and whether the task is kept.
func decode(ctx context.Context, t *asynq.Task) (r store.Run, keep bool, err error) {
	name, _ := asynq.GetQueueName(ctx)
	return runOf(t.Payload(), t.Headers(), name)
}

// runOf returns the run of a task in a queue, and whether the task is kept.
func runOf(text []byte, headers map[string]string, queue string) (r store.Run, keep bool, err error) {
	var p payload
	if err := p.read(text); err != nil {
		return store.Run{}, false, fmt.Errorf("decode task: %w", err)
	}
	if !p.Fingerprint.Valid() || p.Run == "" {
		return store.Run{}, false, fmt.Errorf("decode task: no computation or no run in %.200q", text)
	}
	return store.Run{
		Fingerprint: p.Fingerprint, ID: p.Run, Trace: headers, Queue: queue, Job: p.Job,
		Spec: job.Spec{Function: p.Function, Args: p.Args, Method: p.Method},
	}, p.Keep, nil
}

// oneLine makes JSON of several lines one that the web monitor can show.
func oneLine(summary string) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(summary)); err != nil {
		return []byte(summary) // not JSON: as it is
	}
	return b.Bytes()
}

package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
)

func TestPriorityAndClassChooseTheQueue(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, tt := range []struct{ n, priority, want string }{
		{"10", "", "small"},
		{"10", "high", "small-high"},
		{"10", "low", "small-low"},
		{"40", "standard", "large"},
		{"40", "high", "large-high"},
	} {
		body := fmt.Sprintf(`{"function":"fibonacci","method":"recursive","args":{"n":%q},"priority":%q}`, tt.n, tt.priority)
		if tt.priority == "" {
			body = fmt.Sprintf(`{"function":"fibonacci","method":"recursive","args":{"n":%q}}`, tt.n)
		}
		got := decode[api.Job](t, h.want(h.post(body, nil), http.StatusAccepted))
		if run := h.queued(); run.Queue != tt.want || got.Queue.Name != tt.want || run.Job != got.ID {
			t.Errorf("%s: queued in %q for %s and told as %q, want %q", body, run.Queue, run.Job, got.Queue.Name, tt.want)
		}
		if want := job.Priority(tt.priority); got.Priority != want && want != "" {
			t.Errorf("%s: the priority is %q", body, got.Priority)
		}
		h.want(h.do(http.MethodPost, "/v1/jobs/"+string(got.ID)+"/cancel", "", nil), http.StatusOK)
	}
	// A job that joins waits where the computation does, whatever its own priority.
	h.want(h.post(`{"function":"fibonacci","args":{"n":7},"priority":"low"}`, nil), http.StatusAccepted)
	joined := decode[api.Job](t, h.want(h.post(`{"function":"fibonacci","args":{"n":7},"priority":"high"}`, nil), http.StatusAccepted))
	if joined.Queue.Name != "small-low" || joined.Priority != job.High {
		t.Errorf("the joined job is in %q at %q", joined.Queue.Name, joined.Priority)
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	h := start(t)
	deadline := func(body string, headers header) time.Duration {
		t.Helper()
		r := h.want(h.post(body, headers), http.StatusAccepted)
		submitted := decode[api.Job](t, r)
		read := h.job(submitted.ID)
		if (read.Deadline == nil) != (submitted.Deadline == nil) || read.Deadline != nil && !read.Deadline.Equal(*submitted.Deadline) {
			t.Errorf("the deadline is %v when submitted, %v when read", submitted.Deadline, read.Deadline)
		}
		if read.Deadline == nil {
			return 0
		}
		return read.Deadline.Sub(read.CreatedAt).Round(10 * time.Second)
	}
	const plain, hour = `{"function":"fibonacci","args":{"n":1}}`, `{"function":"fibonacci","args":{"n":1},"deadline_seconds":3600}`
	for _, tt := range []struct {
		body, header string
		want         time.Duration
	}{
		{plain, "", 0},
		{hour, "", time.Hour},
		{plain, "60s", time.Minute},
		{plain, "60", time.Minute},
		{hour, "60s", time.Minute},
		{hour, "7200s", time.Hour},
		{plain, "2592000", 30 * 24 * time.Hour},
	} {
		headers := header{"Cancel-After": tt.header}
		if tt.header == "" {
			headers = nil
		}
		if got := deadline(tt.body, headers); got != tt.want {
			t.Errorf("%s with Cancel-After %q expires after %v, want %v", tt.body, tt.header, got, tt.want)
		}
	}
	for _, value := range []string{"", "0", "0s", "-5", "1.5", "1h", "s", "2592001", "soon", "60 s", "99999999999999999999"} {
		h.wantRefusal(h.post(plain, header{"Cancel-After": value}), refusal{http.StatusBadRequest, "malformed", nil, "Cancel-After"})
	}
}

func TestScheduledJobs(t *testing.T) {
	t.Parallel()
	h := start(t)
	at := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	submit := func(at time.Time) api.Job {
		t.Helper()
		return decode[api.Job](t, h.want(h.post(fmt.Sprintf(`{"function":"fibonacci","args":{"n":1},"run_at":%q}`, at.Format(time.RFC3339Nano)), nil), http.StatusAccepted))
	}
	submitted := submit(at)
	if submitted.State != job.Scheduled || submitted.RunAt == nil || !submitted.RunAt.Equal(at) || submitted.Queue.Position != nil {
		t.Errorf("the job is %+v", submitted)
	}
	if read := h.job(submitted.ID); read.State != job.Scheduled || read.RunAt == nil || !read.RunAt.Equal(at) || read.Version != submitted.Version {
		t.Errorf("as read the job is %+v", read)
	}
	select {
	case r := <-h.runs:
		t.Errorf("%v is queued before its time", r)
	default:
	}
	if list := decode[api.JobList](t, h.get("/v1/jobs?state=scheduled", nil)); len(list.Jobs) != 1 || list.Jobs[0].ID != submitted.ID {
		t.Errorf("the scheduled jobs are %+v", list.Jobs)
	}
	r := h.want(h.do(http.MethodPost, submitted.Links.Self+"/cancel", "", nil), http.StatusOK)
	if got := decode[api.Job](t, r); got.State != job.Cancelled {
		t.Errorf("after the cancel it is %s", got.State)
	}
	// A time that has passed means at once.
	if past := submit(time.Now().Add(-time.Hour)); past.State != job.Queued || past.RunAt == nil {
		t.Errorf("a job for an hour ago is %+v", past)
	}
	h.queued()
}

func TestBadSubmissionMembers(t *testing.T) {
	t.Parallel()
	h := start(t)
	tooFar := time.Now().AddDate(2, 0, 0).Format(time.RFC3339)
	for member, want := range map[string]string{
		`"priority":"urgent"`: "high, standard or low", `"priority":1`: "Send a string", `"priority":null`: "Send a string", `"priority":""`: "high, standard or low",
		`"deadline_seconds":0`: "whole number", `"deadline_seconds":1.5`: "whole number", `"deadline_seconds":"60"`: "whole number", `"deadline_seconds":2592001`: "2592000",
		`"deadline_seconds":null`: "whole number",
		`"run_at":"tomorrow"`:     "2026-01-31T12:00:00Z", `"run_at":17`: "Send a string", `"run_at":"` + tooFar + `"`: "a year ahead",
	} {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			name := "/" + member[1:1+len("priority")]
			switch member[1] {
			case 'd':
				name = "/deadline_seconds"
			case 'r':
				name = "/run_at"
			}
			h.wantRefusal(h.post(`{"function":"fibonacci","args":{"n":1},`+member+`}`, nil), refusal{http.StatusUnprocessableEntity, "invalid-arguments", []string{name}, want})
		})
	}
}

package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/client"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

// claim begins an attempt at the job's computation, as a worker would.
func claim(t *testing.T, records *store.Store, id job.ID) store.Attempt {
	t.Helper()
	rec, err := records.Get(t.Context(), job.LocalOwner, id)
	if err != nil {
		t.Fatal(err)
	}
	a, ok, err := records.Claim(t.Context(), store.Run{Fingerprint: rec.Fingerprint, ID: rec.Run}, "worker-1", false)
	if err != nil || !ok {
		t.Fatalf("claim: %v, %v", ok, err)
	}
	return a
}

func TestFollow(t *testing.T) {
	t.Parallel()
	c, records := start(t)
	ctx := t.Context()
	submitted, err := c.Submit(ctx, fibonacci("1000"), 0)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	ended, err := c.Follow(ctx, submitted.ID, func(e client.Event) error {
		types = append(types, e.Type)
		switch {
		case e.Type == api.EventState && e.Job.State == job.Queued:
			claim(t, records, submitted.ID) //nolint:contextcheck // it goes by the test
		case e.Type == api.EventState:
			_, err := c.Cancel(ctx, submitted.ID)
			return err
		}
		return nil
	})
	if err != nil || ended.State != job.Cancelled || ended.ID != submitted.ID {
		t.Fatalf("it ended as %+v, %v", ended, err)
	}
	if diff := cmp.Diff([]string{api.EventState, api.EventState, api.EventDone}, types); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	stream, err := c.Events(ctx, submitted.ID, ended.Version)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	if e, err := stream.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("who has the end gets %+v, %v", e, err)
	}
	enough := errors.New("enough")
	if _, err := c.Follow(ctx, submitted.ID, func(client.Event) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("an error of the caller ends it with %v", err)
	}
	if p, ok := errors.AsType[*client.Problem](follow(ctx, c, "job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b")); !ok || p.Name() != "not-found" {
		t.Errorf("a job that is not there: %v", p)
	}
}

func follow(ctx context.Context, c *client.Client, id job.ID) error {
	_, err := c.Follow(ctx, id, func(client.Event) error { return nil })
	return err
}

// A connection that breaks is made anew, and so is one that the server has no room for.
func TestFollowConnectsAgain(t *testing.T) {
	t.Parallel()
	const state = "retry: 1\n\nevent: state\nid: 1\ndata: {\"state\":\"running\"}\n\n"
	answers := []func(http.ResponseWriter){
		func(w http.ResponseWriter) { _, _ = io.WriteString(w, state) },
		func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, state+": a comment\n\nevent: news\ndata: {}\n\nevent: progress\ndata: {\"attempt\":1,\ndata: \"version\":\"1\"}\n\n")
		},
		func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "event: done\nid: 2\ndata: {\"state\":\"succeeded\"}\n\n")
		},
	}
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answers[asked.Add(1)-1](w) }))
	defer s.Close()
	c := connect(t, s.URL, s.Client())
	var types []string
	ended, err := c.Follow(t.Context(), "job_1", func(e client.Event) error {
		types = append(types, e.Type)
		if e.Progress != nil && e.Progress.Attempt != 1 {
			t.Errorf("the progress is %+v", e.Progress)
		}
		return nil
	})
	if err != nil || ended.State != job.Succeeded {
		t.Errorf("it ended as %+v, %v", ended, err)
	}
	if got, want := strings.Join(types, " "), "state state news progress done"; got != want {
		t.Errorf("the events are %q, want %q", got, want)
	}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "event: state\ndata: {\n\n") }))
	defer broken.Close()
	if err := follow(t.Context(), connect(t, broken.URL, broken.Client()), "job_1"); err == nil {
		t.Error("an event that cannot be read is no error")
	}
}

func TestRetryWithAKey(t *testing.T) {
	t.Parallel()
	c, records := start(t)
	ctx := t.Context()
	const key = `a "key" \ of mine`
	first, err := c.Submit(ctx, fibonacci("1000"), 0, client.IdempotencyKey(key))
	if err != nil || first.Replayed {
		t.Fatalf("submit: %+v, %v", first, err)
	}
	if again, err := c.Submit(ctx, fibonacci("1e3"), 0, client.IdempotencyKey(key)); err != nil || again.ID != first.ID || !again.Replayed {
		t.Errorf("submitted again it is %+v, %v", again, err)
	}
	if _, _, err := records.Fail(ctx, claim(t, records, first.ID), job.Failure{Code: "x", Detail: "It broke."}, true); err != nil {
		t.Fatal(err)
	}
	second, err := c.Retry(ctx, first.ID, client.IdempotencyKey("again"))
	if err != nil || second.RetryOf == nil || *second.RetryOf != first.ID {
		t.Fatalf("the retry is %+v, %v", second, err)
	}
	attempts, err := c.Attempts(ctx, first.ID)
	if err != nil || len(attempts) != 1 || attempts[0].Error == nil || attempts[0].Error.Code != "x" {
		t.Errorf("the attempts are %+v, %v", attempts, err)
	}
	a := claim(t, records, second.ID)
	if err := records.AppendLog(ctx, a.Run, []job.LogLine{{Time: time.Now(), Level: "info", Message: "one"}, {Time: time.Now(), Level: "info", Message: "two"}}); err != nil {
		t.Fatal(err)
	}
	lines, err := c.Logs(ctx, second.ID, "1")
	if err != nil || len(lines.Lines) != 1 || lines.Lines[0].Message != "two" || lines.Next != "2" {
		t.Errorf("the second line is %+v, %v", lines, err)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	c, _ := start(t)
	ctx := t.Context()
	b, err := c.SubmitBatch(ctx, api.BatchRequest{Jobs: []api.JobRequest{fibonacci("10"), fibonacci("11")}}, client.IdempotencyKey("k"))
	if err != nil || b.Counts.Total != 2 {
		t.Fatalf("the batch is %+v, %v", b, err)
	}
	page, err := c.List(ctx, client.ListOptions{Batch: b.ID})
	if err != nil || len(page.Jobs) != 2 {
		t.Errorf("its jobs are %+v, %v", page, err)
	}
	if b, err = c.CancelBatch(ctx, b.ID); err != nil || b.Counts.Cancelled != 2 || b.State != api.BatchEnded {
		t.Errorf("cancelled it is %+v, %v", b, err)
	}
	again, err := c.SubmitBatch(ctx, api.BatchRequest{RetryOf: []job.ID{page.Jobs[0].ID}})
	if err != nil || again.Counts.Total != 1 {
		t.Errorf("tried again it is %+v, %v", again, err)
	}
	if read, err := c.Batch(ctx, b.ID); err != nil || read.ID != b.ID {
		t.Errorf("as read it is %+v, %v", read, err)
	}
	first, err := c.Batches(ctx, 1, "")
	if err != nil || len(first.Batches) != 1 || first.Batches[0].ID != again.ID || first.NextPageToken == "" {
		t.Fatalf("the first page is %+v, %v", first, err)
	}
	if second, err := c.Batches(ctx, 1, first.NextPageToken); err != nil || len(second.Batches) != 1 || second.Batches[0].ID != b.ID {
		t.Errorf("the second page is %+v, %v", second, err)
	}
}

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// aside are the fields of a record that only reading it tells: how many lines its run has logged.
var aside = cmpopts.IgnoreFields(store.Record{}, "LogLines")

// What a submission answers is what reading the job gives.
func TestASubmissionComesWithItsRecord(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for _, deadline := range []time.Duration{0, time.Hour} {
		r := request(fp(1 + int(deadline)))
		r.Deadline, r.Labels, r.Queue = deadline, map[string]string{"a": "b"}, "small"
		miss := x.submitAs(r)
		x.wantRecord(miss)
		if deadline == 0 {
			x.wantRecord(x.submitAs(r)) // joined
		}
		x.compute(miss.Run)
		x.wantRecord(x.submitAs(r)) // hit
	}
	if got := x.open(); got != 0 {
		t.Errorf("%d jobs count as open, want none", got)
	}
}

func (x *fixture) wantRecord(s store.Submission) {
	x.t.Helper()
	if s.Record == nil {
		x.t.Fatalf("%s: no record", s.Cache)
	}
	if diff := cmp.Diff(x.get(s), *s.Record, aside); diff != "" {
		x.t.Errorf("%s: read, and answered (-read +answered):\n%s", s.Cache, diff)
	}
}

// Who waits for the end gets it in the message, as reading would: also with several attempts, and a job that has joined on the way.
func TestTheEndComesWithItsResult(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	w, _ := x.watch()
	first := x.submit(fp(1))
	ends, stop := w.Await(fp(1))
	defer stop()
	a := x.claim(first.Run)
	if _, err := x.s.Release(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	second := x.submit(fp(1))
	a = x.claim(first.Run)
	if _, err := x.s.Report(t.Context(), a, job.Progress{Phase: job.PhaseCompute, Percent: 50}); err != nil {
		t.Fatal(err)
	}
	lines := []job.LogLine{{Message: "verified"}, {Message: "attempt succeeded"}}
	if held, err := x.s.Complete(t.Context(), a, someResult, "144", lines...); err != nil || !held {
		t.Fatalf("complete: got %v, %v", held, err)
	}
	e := <-ends
	for _, s := range []store.Submission{first, second} {
		ended, ok := s.Record.EndedBy(e)
		if !ok {
			t.Fatalf("%s: the end says nothing", s.Cache)
		}
		read := x.get(s)
		if diff := cmp.Diff(read, ended, aside, cmpopts.IgnoreFields(store.Record{}, "Settled", "Base")); diff != "" {
			t.Errorf("%s: read, and told (-read +told):\n%s", s.Cache, diff)
		}
		got, next, err := x.s.Logs(t.Context(), read, 0)
		if err != nil || next != 2 || !cmp.Equal(got, lines) {
			t.Errorf("log: got %v, next %d, %v, want the two lines", got, next, err)
		}
	}
	if _, ok := first.Record.EndedBy(store.End{Run: "another"}); ok {
		t.Error("the end of another run: got the job's, want it read")
	}
}

// A job that was cancelled, while another goes on to wait, has not ended with the run: whoever waits has to read.
func TestAnEndHidesNoOther(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	w, _ := x.watch()
	first := x.submit(fp(1))
	second := x.submit(fp(1))
	ends, stop := w.Await(fp(1))
	defer stop()
	after, stopAfter := w.Await(fp(2)) // told of after all that
	defer stopAfter()
	x.cancel(second)
	x.compute(first.Run)
	x.cancel(x.submit(fp(2)))
	<-after
	if e := <-ends; e.Run != "" {
		t.Errorf("got the end of run %s, want to be asked to read", e.Run)
	}
}

// A failure is no end that can be told in a message.
func TestAFailureAsksToRead(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	w, _ := x.watch()
	s := x.submit(fp(1))
	ends, stop := w.Await(fp(1))
	defer stop()
	if _, _, err := x.s.Fail(t.Context(), x.claim(s.Run), job.Failure{Code: "bad"}, true); err != nil {
		t.Fatal(err)
	}
	if e := <-ends; e.Run != "" {
		t.Errorf("got the end of run %s, want to be asked to read", e.Run)
	}
	x.wantState(s, job.Failed)
}

package store_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"numbermill/shared/job"
)

func TestTheTimelineOfARun(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	timeline := func(want ...job.AttemptRecord) {
		t.Helper()
		got, err := x.s.Attempts(t.Context(), x.get(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range got {
			if a.StartedMillis == 0 || (a.EndedMillis == 0) != (a.State == job.AttemptRunning) {
				t.Errorf("attempt %d is %s from %d to %d", a.Number, a.State, a.StartedMillis, a.EndedMillis)
			}
		}
		ignore := cmpopts.IgnoreFields(job.AttemptRecord{}, "StartedMillis", "EndedMillis")
		if diff := cmp.Diff(want, got, ignore, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the timeline differs (-want +got):\n%s", diff)
		}
	}
	timeline()
	attempt := func(n int64, state job.AttemptState) job.AttemptRecord {
		return job.AttemptRecord{Number: n, State: state, Worker: "worker"}
	}
	a := x.claim(s.Run)
	timeline(attempt(1, job.AttemptRunning))
	if _, err := x.s.Release(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	b := x.claim(s.Run)
	if _, err := x.s.Lose(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	c := x.claim(s.Run)
	why := job.Failure{Code: "internal", Detail: "It broke."}
	if _, _, err := x.s.Fail(t.Context(), c, why, false); err != nil {
		t.Fatal(err)
	}
	failed := attempt(3, job.AttemptFailed)
	failed.Failure = &why
	before := []job.AttemptRecord{attempt(1, job.AttemptReleased), attempt(2, job.AttemptLost), failed}
	timeline(before...)
	x.claim(s.Run)
	x.cancel(s)
	timeline(append(before, attempt(4, job.AttemptAbandoned))...)
	if left, err := x.rdb.TTL(t.Context(), fmt.Sprintf("nm:{s:%s}:comp:%s:%s:attempts", fp(1).Shard(), fp(1), s.Run.ID)).Result(); err != nil ||
		left < 7*24*time.Hour || left > 8*24*time.Hour {
		t.Errorf("it stays for %v, %v, want a little more than the seven days of the jobs", left, err)
	}
	again := x.submit(fp(1))
	x.compute(again.Run)
	timeline(append(before, attempt(4, job.AttemptAbandoned))...) // the new run has one of its own
	s = again
	timeline(attempt(1, job.AttemptSucceeded))
	x.remove(again)
	if n, err := x.rdb.Exists(t.Context(), fmt.Sprintf("nm:{s:%s}:comp:%s:%s:attempts", fp(1).Shard(), fp(1), again.Run.ID)).Result(); err != nil || n != 0 {
		t.Errorf("the timeline is still there (%v), want it gone with the last job", err)
	}
}

func TestTheTimelineIsBounded(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	for range 130 {
		if _, err := x.s.Release(t.Context(), x.claim(s.Run)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := x.s.Attempts(t.Context(), x.get(s))
	if err != nil || len(got) != 100 || got[0].Number != 31 || got[99].Number != 130 {
		t.Errorf("got %d attempts, %v, want the last hundred", len(got), err)
	}
}

func line(message string) job.LogLine {
	return job.LogLine{
		Time: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), Level: "info", Message: message, Attempt: 1, Worker: "worker",
		Attributes: map[string]string{"digits": "12"},
	}
}

func TestTheLogOfARun(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	log := func(after, wantNext int64, want ...job.LogLine) {
		t.Helper()
		got, next, err := x.s.Logs(t.Context(), x.get(s), after)
		if diff := cmp.Diff(want, got); err != nil || next != wantNext || diff != "" {
			t.Errorf("after %d: %v, next %d, want %d (-want +got):\n%s", after, err, next, wantNext, diff)
		}
		if rec := x.get(s); rec.LogLines != wantNext {
			t.Errorf("the record tells of %d lines, want %d", rec.LogLines, wantNext)
		}
	}
	add := func(lines ...job.LogLine) {
		t.Helper()
		if err := x.s.AppendLog(t.Context(), s.Run, lines); err != nil {
			t.Fatal(err)
		}
	}
	add(line("before the first attempt"))
	log(0, 0)
	x.claim(s.Run)
	add(line("one"), line("two"))
	log(0, 2, line("one"), line("two"))
	log(1, 2, line("two"))
	log(2, 2)
	log(99, 2)
	var many []job.LogLine
	for i := range 250 {
		many = append(many, line(strconv.Itoa(i)))
	}
	add(many...)
	log(0, 202, many[50:]...) // one call keeps no more than the log does
	log(200, 202, many[248:]...)
	long := line(strings.Repeat("é", 2000))
	long.Attributes = map[string]string{"a": strings.Repeat("x", 700), "b": "y", "c": strings.Repeat("z", 700)}
	add(long)
	got, _, err := x.s.Logs(t.Context(), x.get(s), 202)
	if err != nil || len(got) != 1 || len(got[0].Message) > 1030 || !strings.HasSuffix(got[0].Message, "é…") ||
		got[0].Attributes["b"] != "y" || got[0].Attributes["c"] != "" {
		t.Errorf("got %.80v, %v, want the line cut", got, err)
	}
	x.cancel(s)
	add(line("after the end"))
	if got, _, err := x.s.Logs(t.Context(), x.get(s), 203); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v, want the line that came last", got, err)
	}
}

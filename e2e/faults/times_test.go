package faults_test

import (
	"fmt"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// A deadline ends a job as expired, whether it runs, waits, or is yet to begin; a job that shares its computation and has none goes on. A
// job with a time to begin begins then. Workers that are killed meanwhile change nothing of it.
func TestTimes(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	p.hire(t)
	var late, begun spread
	for round := range sized(10, 2) {
		shared := fmt.Sprintf("n=%d", 260_000+round)
		forever := must(t, p.c, want("factorial/recursive", shared))
		hurried := must(t, p.c, want("factorial/recursive", shared, "deadline_seconds", 2))
		waiting := must(t, p.c, want("factorial/recursive", fmt.Sprintf("n=%d", 270_000+round), "deadline_seconds", 1))
		yet := must(t, p.c, want("fibonacci", fmt.Sprintf("n=%d", 50_000+round), "deadline_seconds", 1, "run_at", time.Now().Add(time.Hour)))
		soonish := must(t, p.c, want("fibonacci", fmt.Sprintf("n=%d", 60_000+round), "run_at", time.Now().Add(2*time.Second)))
		if yet.State != "scheduled" || soonish.State != "scheduled" {
			t.Errorf("jobs with a time to begin are %s and %s, want scheduled", yet.State, soonish.State)
		}
		if random.IntN(2) == 0 {
			moment(t, random, 2*time.Second)
			p.workers[len(p.workers)-1].Kill(t)
			p.hire(t)
		}
		for d, after := range map[*document]time.Duration{&hurried: 2 * time.Second, &waiting: time.Second, &yet: time.Second} {
			ended := await(t, p.c, d.ID, "expired", platformtest.Patience)
			late = append(late, ended.FinishedAt.Sub(d.CreatedAt.Add(after)))
		}
		done := await(t, p.c, soonish.ID, "succeeded", platformtest.Patience)
		begun = append(begun, done.FinishedAt.Sub(soonish.CreatedAt.Add(2*time.Second)))
		if d, err := get(within(t, platformtest.Patience), p.c, forever.ID); err != nil || terminal[d.State] {
			t.Errorf("the job without a deadline is %s (%v), want it to go on", d.State, err)
		}
		p.cancels(t, forever)
	}
	bound(t, "from the deadline to expired", late, 1, 8*time.Second)
	bound(t, "from the time to begin to the end of a small job", begun, 1, 8*time.Second)
	for _, s := range []spread{late, begun} {
		if first := s.at(0); first < -50*time.Millisecond {
			t.Errorf("something came %v before its time", -first)
		}
	}
}

package runner

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// queued are runs of F(n) as they are taken out of their queue for the first time, and their jobs.
func (x *fixture) queued(n ...string) (runs []store.Run, made []store.Submission) {
	x.T.Helper()
	for _, n := range n {
		s := x.tiny(n)
		s.Run.Ends = func(summary string) store.Errand {
			return store.Errand{Source: "redis.call('RPUSH', KEYS[1], ARGV[1])", Keys: []string{"ended"}, Args: []any{summary}}
		}
		runs, made = append(runs, s.Run), append(made, s)
	}
	return runs, made
}

// ended are the summaries of what came of the runs whose deliveries have ended.
func (x *fixture) ended() []string {
	x.T.Helper()
	all, err := x.Redis.LRange(x.T.Context(), "ended", 0, -1).Result()
	x.Must(err)
	return all
}

// wantLeft checks that nothing is carried out at once.
func (x *fixture) wantLeft(why string, runs []store.Run) {
	x.T.Helper()
	if publish := x.runner.AtOnce(x.T.Context(), runs); publish != nil {
		x.T.Errorf("%s: something was carried out at once", why)
	}
	if got := x.runner.Busy(); got != 0 {
		x.T.Errorf("%s: %d runs are under way", why, got)
	}
}

func TestTinyRunsAreCarriedOutAtOnce(t *testing.T) {
	t.Parallel()
	for name, n := range map[string][]string{"one": {"1000"}, "three": {"1000", "2000", "3000"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := setUp(t)
			log := new(safeBuffer)
			x.runner.logger = slog.New(slog.NewTextHandler(log, nil))
			runs, made := x.queued(n...)
			publish := x.runner.AtOnce(t.Context(), runs)
			for _, s := range made {
				x.WantState(s, job.Queued)
			}
			if x.runner.Busy() != 1 {
				t.Error("nothing is under way")
			}
			for i, done := range publish() {
				r := x.WantState(made[i], job.Succeeded)
				if !done || r.Attempt != 1 || !r.Settled || r.Result.Verification.Method != job.ByResidue {
					t.Errorf("done %v, %+v; want it done, and verified", done, r)
				}
				if lines := x.lines(made[i]); len(lines) != 3 || lines[2].Message != "attempt succeeded" || lines[2].Attributes["function"] != "fibonacci" {
					t.Errorf("the job's log has %+v, want three lines to its end", lines)
				}
			}
			if got := x.ended(); len(got) != len(n) || !strings.HasPrefix(got[0], `{"digits":"209","leading":"4346655`) {
				t.Errorf("deliveries ended with %q, want all of them, F(1000) first", got)
			}
			x.Eventually("nothing is under way", func() bool { return x.runner.Busy() == 0 })
			if got := strings.Count(log.String(), "attempt succeeded"); got != len(n) {
				t.Errorf("%d lines for operators, want %d", got, len(n))
			}
		})
	}
}

func TestWhatIsNotCarriedOutAtOnce(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	runs, _ := x.queued("1000")
	again, large, endless := runs[0], x.Some().Run, x.Endless().Run
	again.FirstQueued = time.Time{}
	large.FirstQueued, endless.FirstQueued = time.Now(), time.Now()
	x.wantLeft("delivered before, too large, and too dear", []store.Run{again, large, endless})
	many, _ := x.queued(strings.Fields(strings.Repeat("1000 ", 40))...)
	if chosen, _ := x.runner.chooseAtOnce(many); len(chosen) == 0 || len(chosen) == len(many) {
		t.Errorf("%d of %d are chosen, want as many as take a moment", len(chosen), len(many))
	}

	giveBack := make([]func(), cap(x.runner.slots.each))
	for i := range giveBack {
		giveBack[i], _ = x.runner.slots.takeFree()
	}
	x.wantLeft("no slot", runs)
	for _, give := range giveBack {
		give()
	}
	leave, err := x.runner.gate.enterAlone(t.Context(), nothing)
	x.Must(err)
	x.wantLeft("somebody alone", runs)
	leave()
	free, ok := x.runner.memory.TakeFree(ample)
	if !ok {
		t.Fatal("all memory should be free")
	}
	x.wantLeft("no memory", runs)
	free()
	x.runner.Decline()
	x.wantLeft("draining", runs)
	if len(x.runner.slots.each) != 0 {
		t.Error("a slot was not given back")
	}
}

// What comes to nothing at once is left to Handle, which stands where it would have stood.
func TestWhatIsNotPublishedAtOnceIsLeft(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	runs, made := x.queued("1000", "2000", "3000")
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, made[0].ID); err != nil {
		t.Fatal(err)
	}
	claimed := x.Claim(runs[1], "another worker")
	publish := x.runner.AtOnce(t.Context(), runs)
	if diff := cmp.Diff([]bool{false, false, true}, publish()); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	x.WantState(made[0], job.Cancelled)
	if r := x.WantState(made[1], job.Running); r.Attempt != claimed.Number {
		t.Errorf("attempt %d runs, want the other worker's", r.Attempt)
	}
	if summary, err := x.runner.Handle(t.Context(), runs[0]); summary != "" || err != nil {
		t.Errorf("what nobody wants: got %q, %v, want it dropped", summary, err)
	}
	x.Eventually("nothing is under way", func() bool { return x.runner.Busy() == 0 })
}

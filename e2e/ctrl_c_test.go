package e2e_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// A signal to end, or Ctrl-C in a terminal, ends `up` and all that it has started in order within 10 seconds, even in the middle of a
// long computation; the next start finishes it, and nothing counts as a failure.
func TestCtrlC(t *testing.T) {
	t.Parallel()
	data := platformtest.Folder(t)
	up, c := platformtest.Up(t, data, "--concurrency", "1")
	const n = 48 // some 20 seconds
	j := submit(t, c, "fibonacci/recursive", "n=48")
	for _, end := range []struct {
		how string
		do  func(*platformtest.Process)
	}{
		{"SIGTERM", func(p *platformtest.Process) { p.Signal(t, syscall.SIGTERM) }},
		{"Ctrl-C", func(p *platformtest.Process) { p.Interrupt(t) }},
	} {
		up.Err.Await(t, platformtest.Patience, "an attempt of the job", startedFor(j))
		asked := time.Now()
		end.do(up)
		if code := up.Exit(t, 10*time.Second); code != 0 {
			t.Errorf("%s: up ends with exit code %d, want 0", end.how, code)
		}
		t.Logf("%s: up ended after %v", end.how, time.Since(asked).Round(time.Millisecond))
		if left := up.LeftOver(0); len(left) > 0 {
			t.Errorf("%s: these outlive up: %v", end.how, left)
		}
		if out := up.Out.Lines(); len(out) != 1 {
			t.Errorf("%s: up wrote %d lines to standard output, want the one that says that it is ready: %v", end.how, len(out), out)
		}
		up, c = platformtest.Up(t, data, "--concurrency", "1")
	}
	j = await(t, c, j.ID, job.Succeeded, 2*time.Minute)
	if got := residue(digits(t, c, j.ID)); got != fibonacciResidue(n) {
		t.Errorf("the digits are %d modulo %d, want %d", got, prime, fibonacciResidue(n))
	}
}

// A second Ctrl-C ends `up` at once. Its Redis ends by itself, and nothing is lost.
func TestCtrlCTwice(t *testing.T) {
	t.Parallel()
	data := platformtest.Folder(t)
	up, c := platformtest.Up(t, data, "--concurrency", "1")
	running, waiting := submit(t, c, "fibonacci/recursive", "n=52"), submit(t, c, "fibonacci", "n=6789")
	up.Err.Await(t, platformtest.Patience, "an attempt of the job", startedFor(running))
	up.Interrupt(t)
	up.Err.Await(t, platformtest.Patience, "that up stops", func(l platformtest.Line) bool {
		return strings.HasPrefix(l.Message(), "stopping")
	})
	// A signal that comes right after the first counts as the same one: who presses too early presses again.
	const limit = 2 * time.Second
	again, late := time.NewTicker(100*time.Millisecond), time.Now().Add(limit)
	defer again.Stop()
	for up.Running() && time.Now().Before(late) {
		up.Interrupt(t)
		<-again.C
	}
	if up.Running() {
		t.Errorf("up still runs %v after the second Ctrl-C", limit)
	}
	if code := up.Exit(t, platformtest.Patience); code == 0 {
		t.Error("up ends with exit code 0 although it was cut short")
	}
	if left := up.LeftOver(platformtest.Patience); len(left) > 0 {
		t.Errorf("these outlive up: %v", left)
	}
	_, c = platformtest.Up(t, data, "--concurrency", "1")
	cancel(t, c, running)
	await(t, c, waiting.ID, job.Succeeded, platformtest.Patience)
}

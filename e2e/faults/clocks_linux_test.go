package faults_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
)

// The clock of Redis jumps by an hour, forward and back, under load. Nothing is lost, nothing has two outcomes, workers count as alive, and
// one that dies right after a jump is noticed all the same.
func TestClocks(t *testing.T) {
	begin(t)
	random := chance(t)
	clock := newClock(t)
	p := open(t, clock.option())
	for range 3 {
		p.hire(t)
	}
	l := newLedger(t, p.c)
	m := mix(t, l, rand.New(rand.NewPCG(random.Uint64(), 1)))
	k := &killer{platform: p, alive: append([]*platformtest.Process(nil), p.workers...)}
	const hour = 3600
	steps := sized([]int64{hour, 0, -hour, hour, 2 * hour, 0}, []int64{hour, 0})
	for _, offset := range steps {
		moment(t, random, 2*time.Second)
		clock.set(t, offset)
		moment(t, random, 500*time.Millisecond)
		before := len(k.lost)
		for range 20 { // until one that was at something dies
			k.kill(t, random)
			if len(k.lost) > before {
				break
			}
			moment(t, random, time.Second)
		}
		k.works(t, random)
		for _, lost := range k.lost[before:] {
			k.recovered(t, l, lost) // before the next jump: this is about clocks
		}
	}
	k.judge(t, l, soon)
	m.finish()
	states := l.settle(t, 4*time.Minute)
	note(t, "clock of Redis", "%d jumps by an hour or two", len(steps))
	note(t, "kill -9", "%d right after the jumps, with %d attempts under way", k.kills, len(k.lost))
	note(t, "jobs", "%d accepted, each with one outcome: %s", len(l.all()), summary(states))
	l.verify(t)
	k.unfailed(t, l)
}

// clock is how far the time of day of a program is off.
type clock struct{ library, offset string }

// newClock builds the library that moves a program's clock.
func newClock(t *testing.T) clock {
	t.Helper()
	cc, err := exec.LookPath("cc")
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("there is no C compiler, and with CI=true there must be")
	case err != nil:
		t.Skip("there is no C compiler to build what moves the clock of Redis (Debian: apt-get install gcc libc6-dev)")
	}
	dir := platformtest.Folder(t)
	c := clock{filepath.Join(dir, "clock.so"), filepath.Join(dir, "offset")}
	if out, err := exec.CommandContext(t.Context(), cc, "-O2", "-Wall", "-shared", "-fPIC", "-o", c.library, "testdata/clock.c").CombinedOutput(); err != nil {
		t.Fatalf("build the clock: %v\n%s", err, out)
	}
	if err := os.WriteFile(c.offset, make([]byte, 8), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c clock) option() redistest.Option {
	return redistest.Environment("LD_PRELOAD="+c.library, "CLOCK_OFFSET="+c.offset)
}

// set moves the clock to so many seconds from the real time, at once.
func (c clock) set(t *testing.T, seconds int64) {
	t.Helper()
	f, err := os.OpenFile(c.offset, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err = binary.Write(f, binary.NativeEndian, seconds); err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(fmt.Errorf("move the clock: %w", err))
	}
}

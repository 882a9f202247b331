package platformtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// process is what the system tells about one.
type process struct {
	parent  int
	command string
}

// Relative is a process that a process under test has started, such as its redis-server.
type Relative struct {
	// Command is the name of its program.
	Command string
	PID     int

	handle handle
}

// Gone tells whether the relative has ended, or does so within the timeout.
func (r Relative) Gone(timeout time.Duration) bool { return r.handle.awaitEnd(timeout) }

// Kill ends the relative like kill -9 and waits until it is gone.
func (r Relative) Kill() error {
	if err := r.handle.kill(); err != nil {
		return fmt.Errorf("kill %s: %w", r, err)
	}
	const patience = 10 * time.Second
	if !r.Gone(patience) {
		return fmt.Errorf("%s is still there %v after kill -9", r, patience)
	}
	return nil
}

// String is for messages.
func (r Relative) String() string { return fmt.Sprintf("%s (process %d)", r.Command, r.PID) }

// descendants returns all processes that pid has started, directly or not. Each has to be released.
func descendants(pid int) ([]Relative, error) {
	all, err := processes()
	if err != nil {
		return nil, err
	}
	family := []int{pid}
	var found []Relative
	for i := 0; i < len(family); i++ {
		for child, p := range all {
			if p.parent != family[i] || slices.Contains(family, child) {
				continue
			}
			family = append(family, child)
			h, err := hold(child)
			if err != nil {
				continue // it has ended meanwhile
			}
			found = append(found, Relative{Command: p.command, PID: child, handle: h})
		}
	}
	return found, nil
}

// Relatives returns all processes that this one has started and that have not ended. The test must not have waited for its end.
func (p *Process) Relatives(tb testing.TB) []Relative {
	tb.Helper()
	found, err := descendants(p.PID())
	if err != nil {
		tb.Fatalf("look for the children of %s: %v", p, err)
	}
	p.relatives = append(p.relatives, found...)
	return found
}

// endRelatives kills what is left of the relatives.
func (p *Process) endRelatives() error {
	var errs []error
	for _, r := range p.relatives {
		errs = append(errs, r.Kill())
		r.handle.release()
	}
	p.relatives = nil
	return errors.Join(errs...)
}

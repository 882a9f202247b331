//go:build !linux

package platformtest

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// diesWithTest gives the child a process group of its own, as a shell would.
func diesWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// handle names a process that is not our child.
type handle struct{ pid int }

func hold(pid int) (handle, error) { return handle{pid}, nil }

// awaitEnd tells whether the process has ended, or does within the timeout.
func (h handle) awaitEnd(timeout time.Duration) bool {
	again, late := time.NewTicker(10*time.Millisecond), time.NewTimer(timeout)
	defer again.Stop()
	defer late.Stop()
	for syscall.Kill(h.pid, 0) == nil {
		select {
		case <-again.C:
		case <-late.C:
			return false
		}
	}
	return true
}

func (h handle) kill() error {
	if err := syscall.Kill(h.pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		return err
	}
	return nil
}

func (handle) release() {}

// processes returns the parent and the command of every process.
func processes() (map[int]process, error) {
	text, err := exec.Command("ps", "-axo", "pid=,ppid=,comm=").Output()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	found := map[int]process{}
	for line := range strings.Lines(string(text)) {
		var pid int
		var p process
		if n, _ := fmt.Sscan(line, &pid, &p.parent, &p.command); n == 3 {
			found[pid] = p
		}
	}
	return found, nil
}

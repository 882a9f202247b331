package platformtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// diesWithTest gives the child a process group of its own, as a shell would, and ends it when the test is gone, however that went.
func diesWithTest() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// handle holds on to a process that is not our child: its number cannot come to mean another process meanwhile.
type handle struct{ fd int }

func hold(pid int) (handle, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return handle{}, fmt.Errorf("hold on to process %d: %w", pid, err)
	}
	return handle{fd}, nil
}

// awaitEnd tells whether the process has ended, or does within the timeout. One that nobody has waited for has ended too.
func (h handle) awaitEnd(timeout time.Duration) bool {
	deadline := time.Now().Add(timeout)
	for {
		left := max(time.Until(deadline), 0)
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(h.fd), Events: unix.POLLIN}}, int(left.Milliseconds()))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return false
		case n > 0:
			return true
		case left == 0:
			return false
		}
	}
}

func (h handle) kill() error {
	if err := unix.PidfdSendSignal(h.fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

func (h handle) release() { _ = unix.Close(h.fd) }

// processes returns the parent and the command of every process that has not ended.
func processes() (map[int]process, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	found := map[int]process{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		// "PID (COMMAND) STATE PARENT …", where the command may hold anything.
		open, end := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')')
		if open < 0 || end < open {
			continue
		}
		rest := strings.Fields(string(text[end+1:]))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || len(rest) < 2 || rest[0] == "Z" || rest[0] == "X" {
			continue
		}
		parent, err := strconv.Atoi(rest[1])
		if err != nil {
			continue
		}
		found[pid] = process{parent: parent, command: string(text[open+1 : end])}
	}
	return found, nil
}

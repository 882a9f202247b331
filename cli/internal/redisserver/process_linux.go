package redisserver

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C away from the process, and has it end in order when this one is gone, however that went.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// isServer tells whether a process is a redis-server that works in dir. One that has ended but was not waited for is none.
func isServer(pid int, dir string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	command, err := os.ReadFile(filepath.Join(proc, "cmdline")) //nolint:gosec // the name is a number
	if err != nil || !strings.Contains(string(command), "redis-server") {
		return false
	}
	cwd, err := os.Readlink(filepath.Join(proc, "cwd"))
	return err == nil && cwd == dir
}

//go:build !linux

package redisserver

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C away from the process. Only Linux can have it end with its parent; elsewhere the next start
// sees to that.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// isServer tells whether a process is a redis-server that works in dir: its title shows its socket.
func isServer(pid int, dir string) bool {
	title, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec,noctx // a number; it takes a moment
	return err == nil && strings.Contains(string(title), "redis-server") && strings.Contains(string(title), currentSocket(dir))
}

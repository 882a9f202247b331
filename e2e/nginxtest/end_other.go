//go:build !linux

package nginxtest

import "syscall"

// endsWithTest keeps a terminal's Ctrl-C away from nginx. Only Linux tells a child that its parent is gone.
func endsWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

//go:build !linux

package redistest

import "syscall"

// diesWithParent has nothing to ask for here: only Linux tells a child that its parent is gone.
func diesWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

//go:build unix

package withdrawal

import (
	"os"
	"syscall"
)

var signals = []os.Signal{syscall.SIGUSR1}

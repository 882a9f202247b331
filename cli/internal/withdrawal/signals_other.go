//go:build !unix

package withdrawal

import "os"

var signals []os.Signal

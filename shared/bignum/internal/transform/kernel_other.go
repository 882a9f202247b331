//go:build !amd64

package transform

// assembly returns nil: there is none for this machine.
func assembly() *kernels { return nil }

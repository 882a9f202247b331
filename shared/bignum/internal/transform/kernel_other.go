//go:build !amd64

package transform

// assemblies returns none: there is no assembly for this machine.
func assemblies() []*kernels { return nil }

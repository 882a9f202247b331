//go:build !linux

package transform

// advised returns x.
func advised[T uint64 | float64](x []T) []T { return x }

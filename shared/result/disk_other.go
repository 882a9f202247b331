//go:build !linux && !darwin && !freebsd

package result

// diskUsed cannot tell here.
func diskUsed(string) (share float64, known bool) { return 0, false }

//go:build !linux

package thread

// lower does nothing: elsewhere a thread has no priority of its own that could be told apart from the process's.
func lower(int) bool { return false }

func isFirst() bool { return false }

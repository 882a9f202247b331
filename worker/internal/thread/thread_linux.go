package thread

import "syscall"

const nicest = 19

// lower makes the calling thread so much nicer than the process, and tells whether it is.
func lower(nice int) bool {
	process, err := Nice(syscall.Getpid())
	if err != nil {
		return false
	}
	return syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), min(process+nice, nicest)) == nil
}

// isFirst tells whether the calling thread is the one that the process began with.
func isFirst() bool { return syscall.Gettid() == syscall.Getpid() }

// Nice is how nice a thread is.
func Nice(id int) (int, error) {
	const base = 20 // The system call returns 20 − nice, so that it is never negative.
	priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, id)
	return base - priority, err
}

package app

import (
	"os"
	"runtime"

	"numbermill/shared/job"
)

// MakeRoom lets so many more goroutines run at a time as large and huge computations have threads, given how many one of them has. It is for a
// program's main, before anything is started: it changes the whole process. Else they would hold all that Go's scheduler has to give for milliseconds
// at a time, and whatever should be quick would wait for it; the system's scheduler knows that they are of lower priority. A number that GOMAXPROCS
// sets stands.
func MakeRoom(threads int) {
	if os.Getenv("GOMAXPROCS") != "" {
		return
	}
	larger := len(job.Classes()) - 1 // One of each runs at a time.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + larger*max(threads, 1))
}

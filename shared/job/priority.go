package job

// Priority orders jobs of one class: those of a higher one are mostly taken first, and none waits for ever.
type Priority string

// The priorities.
const (
	High     Priority = "high"
	Standard Priority = "standard"
	Low      Priority = "low"
)

// Priorities are all priorities, highest first.
func Priorities() []Priority { return []Priority{High, Standard, Low} }

// Class is how large a computation is. Each class has workers' places of its own, so that small work never waits behind large.
type Class string

// The classes. Small computations run side by side, on one thread each; of the others one of each class runs at a time, on all threads.
const (
	// Small computations are expected to take smallCost at most.
	Small Class = "small"
	// Large ones take up to largeCost.
	Large Class = "large"
	// Huge ones take longer.
	Huge Class = "huge"
)

// The bounds of the classes, in milliseconds of CPU time.
const (
	smallCost = 100
	largeCost = 60_000
)

// Classes are all classes, smallest first.
func Classes() []Class { return []Class{Small, Large, Huge} }

// ClassOf is the class of a computation by its expected cost in milliseconds of CPU time.
func ClassOf(costMillis int64) Class {
	switch {
	case costMillis <= smallCost:
		return Small
	case costMillis <= largeCost:
		return Large
	default:
		return Huge
	}
}

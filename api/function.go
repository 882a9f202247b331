package api

// FunctionList is the catalogue, in display order.
type FunctionList struct {
	Functions []Function `json:"functions"`
}

// Function is a computable thing.
type Function struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Summary    string `json:"summary"`
	Definition string `json:"definition"`
	// Notation is how a value is written, with each argument's name in braces, such as "F({n})".
	Notation string `json:"notation"`
	// Sequence is its entry in the On-Line Encyclopedia of Integer Sequences, or nil.
	Sequence   *string     `json:"sequence"`
	Parameters []Parameter `json:"parameters"`
	// ArgumentsSchema is a JSON Schema (2020-12) of the args object.
	ArgumentsSchema map[string]any `json:"arguments_schema"`
	// Methods begin with the default.
	Methods     []Method  `json:"methods"`
	Limits      Limits    `json:"limits"`
	CostFormula string    `json:"cost_formula"`
	Examples    []Example `json:"examples"`
}

// Parameter is a natural number that a function takes.
type Parameter struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Examples    []string `json:"examples"`
}

// Method is a way to compute a function.
type Method struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	// Result is "digits" or "document".
	Result string `json:"result"`
}

// Example is a set of arguments worth trying.
type Example struct {
	Args map[string]string `json:"args"`
	Note string            `json:"note"`
}

// Limits are the most that one job may take, as decimal integers.
type Limits struct {
	// Cost is in milliseconds of CPU time.
	Cost      string `json:"cost"`
	Digits    string `json:"digits"`
	PeakBytes string `json:"peak_bytes"`
}

// EstimateRequest asks what a computation would cost.
type EstimateRequest struct {
	Function string `json:"function"`
	// Args are decimal integers, or shorter spellings such as 1e6 and 10^6, by argument name.
	Args map[string]string `json:"args"`
	// Method is "fast" if empty.
	Method string `json:"method,omitempty"`
}

// Estimate is what a computation would cost. Integers are decimal; nil where it cannot be told.
type Estimate struct {
	Function string            `json:"function"`
	Args     map[string]string `json:"args"`
	Method   string            `json:"method"`
	// Digits is exact.
	Digits    *string       `json:"digits"`
	Bytes     *string       `json:"bytes"`
	Cost      EstimatedCost `json:"cost"`
	PeakBytes *string       `json:"peak_bytes"`
	// Seconds and QueueWaitSeconds are the least and the most elapsed time.
	Seconds          *Seconds `json:"seconds"`
	QueueWaitSeconds *Seconds `json:"queue_wait_seconds"`
	Admissible       bool     `json:"admissible"`
	// Reason is why it is not admissible, "cost-limit-exceeded" or "not-representable"; nil if it is.
	Reason *string `json:"reason"`
	Limit  Limits  `json:"limit"`
	// LargestAdmissible is the arguments with the last one at the largest value that would pass; nil where none would.
	LargestAdmissible map[string]string `json:"largest_admissible"`
	Cached            bool              `json:"cached"`
}

// EstimatedCost is a price; Estimated is nil where it cannot be told.
type EstimatedCost struct {
	Estimated *string `json:"estimated"`
	Unit      string  `json:"unit"`
}

// Seconds are a least and a most.
type Seconds [2]float64

package bignum

// Fault makes an Engine compute wrongly, for tests of what finds wrong results.
type Fault struct {
	// After is how many calls of a kernel go right before one of them returns a value that is off by one.
	After int64
	// Portable makes an Engine without assembly compute wrongly too. Without it the fault is in that of a zero Config alone.
	Portable bool
}

// breaks puts the fault into an Engine that is made by c.
func (f *Fault) breaks(e *Engine, c Config) {
	if f != nil && (f.Portable || !c.Portable) {
		e.multiplier.Spoil(f.After)
	}
}

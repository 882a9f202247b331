// Package faults has no code of its own. Its tests break Numbermill the way the world does — processes killed, Redis killed, filled and
// emptied, clocks that jump, clients that send nonsense — and hold what comes out against what is promised. They drive the real binary
// from outside: processes, signals, HTTP and the lines that are logged; nothing of ours is linked into them that decides anything.
//
// Each comes in two sizes: a short one with every `make test`, and the full one of `make soak`, whose figures are bounded too.
package faults

package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// resultOf describes digits as a worker would.
func resultOf(digits string) job.Result {
	sum := sha256.Sum256([]byte(digits))
	return job.Result{
		Digits: int64(len(digits)), Leading: digits[:min(20, len(digits))], Trailing: digits[max(0, len(digits)-20):],
		TrailingZeros: int64(len(digits) - len(strings.TrimRight(digits, "0"))), SHA256: hex.EncodeToString(sum[:]),
		Timing: job.Timing{Queue: 1.5, Compute: 20, Write: 0.25}, CPUMillis: 21,
		Verification: job.Verification{Method: "residue", Moduli: []uint64{1<<61 - 1, 1_000_000_007}, Residues: []uint64{12345678901234567, 7}},
	}
}

// manyDigits is a number with so many digits that the result store holds it.
var manyDigits = strings.Repeat("1234567890", 500) + "7"

// lockedBuffer is a log that a test reads while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// brokenQueue takes nothing and gives nothing.
type brokenQueue struct{}

func (brokenQueue) Enqueue(context.Context, store.Run) error { return errors.New("no queue") }

func (brokenQueue) EnqueueErrand(context.Context, store.Run) store.Errand { return store.Errand{} }
func (brokenQueue) Remove(context.Context, store.Run) error               { return errors.New("no queue") }

func (brokenQueue) Position(context.Context, store.Run) (int64, bool, error) {
	return 0, false, errors.New("no queue")
}

package memoryredis_test

import (
	"log/slog"
	"testing"

	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// Asynq is on it as on a real one, and so are the fast ways of package queue.
func TestTheQueueIsAsExpected(t *testing.T) {
	t.Parallel()
	rdb := connect(t, start(t))
	q := queue.New(rdb)
	if err := q.SelfTest(t.Context(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if keys, err := rdb.Keys(t.Context(), "*").Result(); err != nil || len(keys) != 0 {
		t.Errorf("got keys %v, %v, want none", keys, err)
	}
	r := store.Run{Fingerprint: "0123456789012345678901234567890123456789", ID: "run"}
	if err := q.Enqueue(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if ahead, known, err := q.Position(t.Context(), r); err != nil || !known || ahead != 0 {
		t.Errorf("got place %d, %v, %v, want the first", ahead, known, err)
	}
}

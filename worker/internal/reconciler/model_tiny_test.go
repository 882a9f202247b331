package reconciler

import (
	"errors"

	"pgregory.net/rapid"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// Tiny publishes the result of what was delivered and not claimed: its attempt is recorded with its end, if it is the run's first.
func (m *machine) Tiny(*rapid.T) {
	a := store.Unrecorded(one(m, "task", m.taken), rapid.SampledFrom(modelWorkers).Draw(m.t, "worker"))
	result, atOnce := job.Result{Digits: 1, Leading: "5", Trailing: "5"}, rapid.Bool().Draw(m.t, "at once")
	publish := func(s *store.Store) (bool, error) {
		if atOnce {
			p := store.Publication{Attempt: a, Result: result, Digits: "5"}
			p.Attempt.Run.Ends = func(string) store.Errand { return store.Errand{Source: "return 1"} }
			if done, err := s.CompleteTogether(m.t.Context(), []store.Publication{p}); err != nil || done[0] {
				return err == nil && done[0], err
			}
		}
		return s.Complete(m.t.Context(), a, result, "5")
	}
	if rapid.IntRange(0, 3).Draw(m.t, "cut") == 0 {
		m.cutShort(func() error {
			_, err := publish(m.doomed)
			if errors.Is(err, store.ErrNotFirst) {
				return nil
			}
			return err
		}, func(after *rules) { after.tiny(a) })
		return
	}
	held, err := publish(m.x.records)
	wantHeld, wantFirst := m.rules.tiny(a)
	if errors.Is(err, store.ErrNotFirst) {
		m.same("tiny", wantFirst, false)
		return
	}
	m.must(err)
	m.same("tiny", held, wantHeld)
	m.same("tiny", wantFirst, true)
}

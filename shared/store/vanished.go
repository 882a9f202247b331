package store

import (
	"context"

	"numbermill/shared/job"
)

// Vanished records that the digits of a run's stored result are not there any more, whoever has removed them. Its jobs stay as they are,
// without a result; the next submission computes the digits anew. It tells whether it changed anything.
func (s *Store) Vanished(ctx context.Context, f job.Fingerprint, run string) (bool, error) {
	if err := s.Settle(ctx, f); err != nil {
		return false, err
	}
	n, err := s.vanished.Run(ctx, s.rdb, []string{computationKey(f), waitersKey(f), attemptsKey(f, run), logKey(f, run)},
		run, int(keepEnded.Seconds()), s.keepRun()).Int()
	return n == 1, unavailable("record that digits are gone", err)
}

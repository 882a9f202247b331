package runner

import (
	"context"
	"errors"
	"fmt"
	"io"

	"numbermill/shared/result"
)

// spill keeps what is written as long as it is small enough for the computation's record, and passes it on to the result store once
// it is not.
type spill struct {
	ctx     context.Context    //nolint:containedctx // io.Writer has no context to pass
	abort   context.CancelFunc // nil as long as the result store has nothing
	results *result.Store
	key     string
	inline  []byte
	out     io.WriteCloser
	closed  bool
}

// newSpill returns a spill for the digits under key. It must end with close, discard or both.
func newSpill(ctx context.Context, results *result.Store, key string) *spill {
	return &spill{ctx: ctx, results: results, key: key}
}

// Write takes more digits.
func (s *spill) Write(p []byte) (int, error) {
	if s.out == nil {
		if len(s.inline)+len(p) <= result.InlineLimit {
			s.inline = append(s.inline, p...)
			return len(p), nil
		}
		ctx, abort := context.WithCancel(s.ctx)
		out, err := s.results.Create(ctx, s.key)
		if err != nil {
			abort()
			return 0, fmt.Errorf("%w: %w", errWrite, err)
		}
		s.out, s.abort = out, abort
		if _, err := out.Write(s.inline); err != nil {
			return 0, fmt.Errorf("%w: %w", errWrite, err)
		}
		s.inline = nil
	}
	n, err := s.out.Write(p)
	if err != nil {
		err = fmt.Errorf("%w: %w", errWrite, err)
	}
	return n, err
}

// blob is the key of the digits, or empty if they are few.
func (s *spill) blob() string {
	if s.out == nil {
		return ""
	}
	return s.key
}

// close makes the digits permanent.
func (s *spill) close() error {
	if s.out == nil {
		return nil
	}
	defer s.abort()
	s.closed = true
	if err := s.out.Close(); err != nil {
		return fmt.Errorf("%w: %w", errWrite, err)
	}
	return nil
}

// discard leaves nothing behind, closed or not. The result store drops what is unfinished when its context ends before it is closed.
func (s *spill) discard(ctx context.Context) error {
	if s.out == nil {
		return nil
	}
	s.abort()
	if !s.closed {
		s.closed = true
		if err := s.out.Close(); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("discard digits: %w", err)
		}
	}
	return s.results.Delete(context.WithoutCancel(ctx), s.key)
}

package queue

import (
	"context"
	"errors"
	"log/slog"

	"numbermill/shared/queue/internal/layout"
)

// SelfTest finds out whether Asynq keeps its tasks as this package takes it to, on a queue of its own that it removes, and if so switches
// the fast ways on. An error says why they stay off; everything works without them. If it is only that Redis does not answer, Announce
// tries again.
func (c *Client) SelfTest(ctx context.Context, logger *slog.Logger) error {
	if c.plain {
		logger.InfoContext(ctx, "plain asynq, as asked for: lost work comes back after a minute or more")
		return nil
	}
	err := c.test(ctx, logger)
	if err != nil && !errors.Is(err, layout.ErrUnexpected) {
		logger.WarnContext(ctx, "asynq could not be tested, which is tried again: until then lost work comes back after a minute or more",
			slog.Any("error", err))
	}
	return err
}

// test makes a self-test. One that comes to no result is to be made again.
func (c *Client) test(ctx context.Context, logger *slog.Logger) error {
	scripts, err := layout.Verify(ctx, c.base)
	switch {
	case err == nil:
		if !c.fast.Load() {
			c.scripts = scripts
			c.fast.Store(true)
			logger.InfoContext(ctx, "asynq is as expected: lost work comes back quickly, and places in the queues are known")
		}
	case errors.Is(err, layout.ErrUnexpected):
		logger.WarnContext(ctx, "asynq is not as expected: all goes its plain way, and lost work comes back after a minute or more",
			slog.Any("error", err))
	default:
		c.untested.Store(logger)
	}
	return err
}

// testAgain makes up for a self-test that has come to no result.
func (c *Client) testAgain(ctx context.Context) {
	logger := c.untested.Swap(nil)
	if logger == nil {
		return
	}
	if err := c.test(ctx, logger); err != nil {
		logger.DebugContext(ctx, "asynq could not be tested", slog.Any("error", err))
	}
}

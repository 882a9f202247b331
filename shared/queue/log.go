package queue

import (
	"fmt"
	"log/slog"
)

// asynqLogger passes Asynq's own lines on. Fatal does not end the process: that is for its main to decide.
type asynqLogger struct{ logger *slog.Logger }

func (l asynqLogger) Debug(args ...any) { l.logger.Debug("asynq", said(args)) } //nolint:sloglint // Asynq has no context to give

func (l asynqLogger) Info(args ...any) { l.logger.Info("asynq", said(args)) } //nolint:sloglint // as above

func (l asynqLogger) Warn(args ...any) { l.logger.Warn("asynq", said(args)) } //nolint:sloglint // as above

func (l asynqLogger) Error(args ...any) { l.logger.Error("asynq", said(args)) } //nolint:sloglint // as above

func (l asynqLogger) Fatal(args ...any) { l.logger.Error("asynq", said(args)) } //nolint:sloglint // as above

func said(args []any) slog.Attr { return slog.String("said", fmt.Sprint(args...)) }

package queue

import (
	"fmt"
	"log/slog"
)

// asynqLogger passes Asynq's own lines on. Asynq has no context to give. Fatal does not end the process: that is for its main to decide.
type asynqLogger struct{ logger *slog.Logger }

// Debug passes a line on.
func (l asynqLogger) Debug(args ...any) { l.logger.Debug("asynq", said(args)) }

// Info passes a line on.
func (l asynqLogger) Info(args ...any) { l.logger.Info("asynq", said(args)) }

// Warn passes a line on.
func (l asynqLogger) Warn(args ...any) { l.logger.Warn("asynq", said(args)) }

// Error passes a line on.
func (l asynqLogger) Error(args ...any) { l.logger.Error("asynq", said(args)) }

// Fatal passes a line on as an error.
func (l asynqLogger) Fatal(args ...any) { l.logger.Error("asynq", said(args)) }

func said(args []any) slog.Attr { return slog.String("said", fmt.Sprint(args...)) }

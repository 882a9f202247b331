package telemetry

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// Format is how log lines look.
type Format string

// The formats. FormatAuto is text on a terminal and JSON elsewhere.
const (
	FormatAuto Format = "auto"
	FormatText Format = "text"
	FormatJSON Format = "json"
)

// Log says where log lines go and which of them.
type Log struct {
	Writer io.Writer    // required; standard error in a program
	Level  slog.Leveler // the least that is written; nil means slog.LevelInfo
	Format Format       // of Writer; "" means FormatAuto
	// File gets every line as JSON beside Writer; "" is none. {host} in it is the name of the host. It is for one process alone; it is rotated
	// by size, and older ones end in a time before the extension. Missing folders are made.
	File string
}

// loggers are what a process logs to.
type loggers struct {
	all    *slog.Logger
	direct *slog.Logger // without the file
	file   *logFile     // nil if there is none
}

// logging opens the log. JSON lines begin with who.
func logging(cfg Log, who []slog.Attr) (*loggers, error) {
	std := &shared{w: cfg.Writer}
	terminal := isTerminal(cfg.Writer)
	asJSON := cfg.Format == FormatJSON || cfg.Format != FormatText && !terminal
	var direct slog.Handler
	if asJSON {
		direct = newECS(std, cfg.Level, who)
	} else {
		direct = newIDHandler(tint.NewTextHandler(std, &tint.Options{
			Level: cfg.Level, ReplaceAttr: redact, TimeFormat: "15:04:05.000", NoColor: !terminal || os.Getenv("NO_COLOR") != "",
		}))
	}
	l := &loggers{direct: slog.New(direct)}
	l.all = l.direct
	if cfg.File == "" {
		return l, nil
	}
	var err error
	if l.file, err = openLogFile(cfg.File, l.direct); err != nil {
		return nil, err
	}
	if asJSON {
		l.all = slog.New(newECS(both{std, l.file}, cfg.Level, who)) // made once, written twice
	} else {
		l.all = slog.New(slog.NewMultiHandler(direct, newECS(l.file, cfg.Level, who)))
	}
	return l, nil
}

// dropped is how many lines the file has lost.
func (l *loggers) dropped() int64 {
	if l.file == nil {
		return 0
	}
	return l.file.dropped.Load()
}

// close writes what the file is still to get.
func (l *loggers) close(ctx context.Context) error {
	if l.file == nil {
		return nil
	}
	return l.file.close(ctx)
}

// shared lets several handlers write to one writer, whole lines at a time.
type shared struct {
	mu sync.Mutex
	w  io.Writer
}

// Write writes one line.
func (s *shared) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(line)
}

// both writes each line to standard error and into the file.
type both struct {
	std  io.Writer
	file *logFile
}

// Write writes one line.
func (b both) Write(line []byte) (int, error) {
	_, _ = b.file.Write(line) // it never fails
	return b.std.Write(line)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

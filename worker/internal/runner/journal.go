package runner

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

const (
	// flushEvery is how long a line of an attempt may wait until those who follow the job can read it.
	flushEvery = 500 * time.Millisecond
	// flushLimit bounds one call to append lines.
	flushLimit = 2 * time.Second
	// mostWaiting is how many lines may wait, while Redis is away for instance: beyond it the oldest go, as they would from the job's log.
	mostWaiting = 200
	// mostTaken is how many lines the call that ends an attempt may take along.
	mostTaken = 50
	// longestValue bounds what is kept of one attribute, in bytes.
	longestValue = 200
)

// forPeople are the attributes that whoever has submitted a job may read. Others, such as the texts of errors, may tell paths and addresses, and are
// for operators.
var forPeople = []string{
	"code", "compute_ms", "cpu_ms", "detail", "digits", "failures", "function", "method", "moduli", "peak_bytes", "phase", "queued_ms",
	"reason", "retry_after_s", "sha256", "threads", "waited_ms", "write_ms", "bytes",
}

// journal keeps the lines that an attempt logs, and appends them to the log of its run. They never hold up the attempt.
type journal struct {
	ctx     context.Context //nolint:containedctx // for what is appended between two lines; it goes on when the attempt is told to stop
	records *store.Store
	attempt store.Attempt
	worker  string
	logger  *slog.Logger // without the journal

	mu      sync.Mutex
	kept    bool // whether the run has a log; before an attempt is recorded it has none, and the lines wait for that
	lines   []job.LogLine
	timer   *time.Timer // nil unless a flush is to come
	closed  bool
	pending sync.WaitGroup // of the timer
}

func newJournal(ctx context.Context, records *store.Store, a store.Attempt, worker string, logger *slog.Logger) *journal {
	return &journal{ctx: context.WithoutCancel(spans.Quiet(ctx)), records: records, attempt: a, worker: worker, logger: logger, kept: a.Recorded()}
}

// loggers are one that logs for operators, with what the attempt is of, and for whoever reads the job's log, and another whose lines are details to
// operators.
func (j *journal) loggers() (log, tell *slog.Logger) {
	base, a := j.logger.Handler(), j.attempt
	return slog.New(&keeper{journal: j, base: base, attrs: []slog.Attr{
		slog.String("computation", string(a.Run.Fingerprint)), slog.String("function", a.Run.Spec.Function),
		slog.Any("args", a.Run.Spec.Args), slog.Int64("attempt", a.Number),
	}}), slog.New(&keeper{journal: j, base: base, detail: true})
}

// add keeps a line, and sees to it that it is appended in time.
func (j *journal) add(l job.LogLine) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	j.lines = append(j.lines, l)
	j.bound()
	if j.timer == nil && j.kept {
		j.later()
	}
}

// later has onTime called, under the lock.
func (j *journal) later() {
	j.pending.Add(1)
	j.timer = time.AfterFunc(flushEvery, func() {
		defer j.pending.Done()
		j.onTime()
	})
}

func (j *journal) bound() { j.lines = slices.Delete(j.lines, 0, max(0, len(j.lines)-mostWaiting)) }

// onTime appends what waits; what Redis does not take waits for the next time.
func (j *journal) onTime() {
	j.mu.Lock()
	lines := j.lines
	j.lines, j.timer = nil, nil
	j.mu.Unlock()
	if err := j.append(lines); err == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(lines, j.lines...)
	j.bound()
	if !j.closed && j.timer == nil {
		j.later()
	}
}

func (j *journal) append(lines []job.LogLine) error {
	if len(lines) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(j.ctx, flushLimit)
	defer cancel()
	return j.records.AppendLog(ctx, j.attempt.Run, lines)
}

// take hands over the lines that wait, and one more, which is made of a record that is not logged yet: for the call that ends the attempt to keep. If it
// fails, they are to be given back. There are none if there are too many for one call.
func (j *journal) take(log *slog.Logger, last slog.Record) []job.LogLine {
	k, ok := log.Handler().(*keeper)
	if !ok {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.lines) > mostTaken {
		return nil
	}
	lines := slices.Concat(j.lines, []job.LogLine{k.line(last)})
	j.lines = nil
	return lines
}

// tell logs a record, to operators alone if its line is kept already.
func (j *journal) tell(ctx context.Context, log *slog.Logger, r slog.Record, kept bool) {
	h := log.Handler()
	if k, ok := h.(*keeper); ok && kept {
		_ = k.show(ctx, r)
		return
	}
	if h.Enabled(ctx, r.Level) {
		_ = h.Handle(ctx, r) // slog.Logger does not look either
	}
}

// giveBack is for lines that were taken and not kept.
func (j *journal) giveBack(lines []job.LogLine) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(lines, j.lines...)
	j.bound()
}

// recorded says that the attempt is recorded by now.
func (j *journal) recorded() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept = true
}

// close appends what is left, unless the attempt has come to nothing before it was recorded. Nothing is kept after it.
func (j *journal) close() {
	j.mu.Lock()
	j.closed = true
	if j.timer != nil && j.timer.Stop() {
		j.pending.Done()
	}
	j.mu.Unlock()
	j.pending.Wait()
	if !j.kept {
		return
	}
	if err := j.append(j.lines); err != nil {
		j.logger.DebugContext(j.ctx, "lines of the job's own log are lost", slog.Int("lines", len(j.lines)), slog.Any("error", err))
	}
}

// keeper is the handler of a journal's loggers, in front of that of the worker's log.
type keeper struct {
	journal *journal
	base    slog.Handler
	detail  bool // lines are for people; operators get them when they want details
	attrs   []slog.Attr
}

// Enabled implements slog.Handler.
func (k *keeper) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelInfo || k.base.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (k *keeper) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelInfo {
		k.journal.add(k.line(r)) //nolint:contextcheck // lines are appended when the call is long done
	}
	return k.show(ctx, r)
}

// show passes a record on to operators.
func (k *keeper) show(ctx context.Context, r slog.Record) error {
	shown := r.Level
	if k.detail {
		shown = min(shown, slog.LevelDebug)
	}
	if !k.base.Enabled(ctx, shown) {
		return nil
	}
	if len(k.attrs) > 0 || shown != r.Level {
		all := slog.NewRecord(r.Time, shown, r.Message, r.PC)
		all.AddAttrs(k.attrs...)
		r.Attrs(func(a slog.Attr) bool {
			all.AddAttrs(a)
			return true
		})
		r = all
	}
	return k.base.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (k *keeper) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *k
	c.attrs = slices.Concat(k.attrs, attrs)
	return &c
}

// WithGroup implements slog.Handler. What is in a group is for operators alone.
func (k *keeper) WithGroup(name string) slog.Handler {
	return k.base.WithAttrs(k.attrs).WithGroup(name)
}

func (k *keeper) line(r slog.Record) job.LogLine {
	l := job.LogLine{
		Time: r.Time.UTC(), Level: level(r.Level), Message: r.Message, Attempt: k.journal.attempt.Number, Worker: k.journal.worker,
	}
	keep := func(a slog.Attr) bool {
		if slices.Contains(forPeople, a.Key) {
			if l.Attributes == nil {
				l.Attributes = map[string]string{}
			}
			l.Attributes[a.Key] = text(a.Value)
		}
		return true
	}
	for _, a := range k.attrs {
		keep(a)
	}
	r.Attrs(keep)
	return l
}

func text(v slog.Value) string {
	v = v.Resolve()
	s := v.String()
	if v.Kind() == slog.KindFloat64 {
		s = strconv.FormatFloat(v.Float64(), 'f', -1, 64)
	}
	return s[:min(len(s), longestValue)]
}

func level(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warn"
	case l >= slog.LevelInfo:
		return "info"
	default:
		return "debug"
	}
}

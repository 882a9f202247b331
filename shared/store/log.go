package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
)

// What is kept of a run's log.
const (
	mostLines = 200
	// mostLinesAtOnce bounds one call to append.
	mostLinesAtOnce = 100
	// longestLine is of the message and of the attributes each, in bytes.
	longestLine = 1 << 10
	// usualLine is what one takes as it is kept, or a little more.
	usualLine = 256
)

// AppendLog adds lines to the log of a run; the last 200 are kept. Long messages are cut, and attributes left out that do not fit. Lines of a
// run that has never been claimed, or is forgotten, are dropped.
func (s *Store) AppendLog(ctx context.Context, r Run, lines []job.LogLine) error {
	lines = lines[max(0, len(lines)-mostLines):]
	for part := range slices.Chunk(lines, mostLinesAtOnce) {
		args, err := appendLines([]any{string(r.Fingerprint), mostLines}, part)
		if err != nil {
			return err
		}
		keys := []string{attemptsKey(r.Fingerprint, r.ID), logKey(r.Fingerprint, r.ID)}
		if err := s.log.Run(ctx, s.rdb, keys, args...).Err(); err != nil {
			return unavailable("append to log", err)
		}
	}
	return nil
}

// appendLines adds lines to the arguments of a script.
func appendLines(args []any, lines []job.LogLine) ([]any, error) {
	for _, l := range lines {
		text, err := appendLine(make([]byte, 0, usualLine), shorten(l), true)
		if err != nil {
			return nil, fmt.Errorf("encode log line: %w", err)
		}
		args = append(args, text)
	}
	return args, nil
}

// listOf makes the lines of an only attempt one list, which leaves out what its record tells: the attempt's number and its worker.
func listOf(lines []job.LogLine) (list []byte, err error) {
	list = append(make([]byte, 0, usualLine*len(lines)), '[')
	for i, l := range lines {
		if i > 0 {
			list = append(list, ',')
		}
		if list, err = appendLine(list, shorten(l), false); err != nil {
			return nil, fmt.Errorf("encode log line: %w", err)
		}
	}
	return append(list, ']'), nil
}

// appendLine appends the line as json.Marshal writes it, with or without whose it is: there are some for each job, however small.
func appendLine(b []byte, l job.LogLine, whose bool) ([]byte, error) {
	b = append(b, `{"time":"`...)
	b, err := l.Time.AppendText(b)
	if err != nil {
		return nil, err
	}
	b = plainjson.AppendString(append(b, `","level":`...), l.Level)
	b = plainjson.AppendString(append(b, `,"message":`...), l.Message)
	if whose {
		b = strconv.AppendInt(append(b, `,"attempt":`...), l.Attempt, 10)
		b = plainjson.AppendString(append(b, `,"worker":`...), l.Worker)
	}
	if len(l.Attributes) > 0 {
		b = plainjson.AppendMap(append(b, `,"attributes":`...), l.Attributes)
	}
	return append(b, '}'), nil
}

// shorten cuts a line to what is kept of it.
func shorten(l job.LogLine) job.LogLine {
	l.Message = cut(l.Message)
	size := 0
	for _, v := range l.Attributes {
		size += len(v)
	}
	if size <= longestLine {
		return l
	}
	kept, left := map[string]string{}, longestLine
	names := make([]string, 0, len(l.Attributes))
	for name := range l.Attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if v := cut(l.Attributes[name]); len(name)+len(v) <= left {
			kept[name] = v
			left -= len(name) + len(v)
		}
	}
	l.Attributes = kept
	return l
}

func cut(text string) string {
	if len(text) <= longestLine {
		return text
	}
	end := longestLine
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// Logs are the log lines of the job's run after the first so many. next is how many there have been so far: what to ask with the next time.
func (s *Store) Logs(ctx context.Context, r Record, after int64) (lines []job.LogLine, next int64, err error) {
	if r.Run == "" {
		return nil, 0, nil
	}
	pipe := s.rdb.TxPipeline() // else a line may come in between
	asked := askOnly(ctx, pipe, r)
	count := pipe.HMGet(ctx, attemptsKey(r.Fingerprint, r.Run), "lines")
	texts := pipe.LRange(ctx, logKey(r.Fingerprint, r.Run), 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, unavailable("read log", err)
	}
	o, err := readOnly(asked, r)
	switch f := (&fields{values: count.Val()}); {
	case err != nil:
	case o.log != "":
		lines, err = o.read()
		next = o.lines
	default:
		next = f.number()
		if err = f.err; err == nil {
			lines, err = readLines(texts.Val())
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read log of %s: %w", r.ID, err)
	}
	if known := after - (next - int64(len(lines))); known > 0 { // those before are forgotten
		lines = slices.Delete(lines, 0, int(min(known, int64(len(lines)))))
	}
	if len(lines) == 0 {
		return nil, next, nil
	}
	return lines, next, nil
}

// read reads the lines.
func (o *only) read() (lines []job.LogLine, err error) {
	err = json.Unmarshal([]byte(o.log), &lines)
	for i := range lines {
		lines[i].Attempt, lines[i].Worker = o.attempt.Number, o.attempt.Worker
	}
	return lines, err
}

func readLines(texts []string) ([]job.LogLine, error) {
	lines := make([]job.LogLine, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &lines[i]); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

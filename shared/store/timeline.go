package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
		text, err := appendLine(make([]byte, 0, usualLine), shorten(l))
		if err != nil {
			return nil, fmt.Errorf("encode log line: %w", err)
		}
		args = append(args, text)
	}
	return args, nil
}

// appendLine appends the line as json.Marshal writes it: there are five for each job, however small.
func appendLine(b []byte, l job.LogLine) ([]byte, error) {
	b = append(b, `{"time":"`...)
	b, err := l.Time.AppendText(b)
	if err != nil {
		return nil, err
	}
	b = plainjson.AppendString(append(b, `","level":`...), l.Level)
	b = plainjson.AppendString(append(b, `,"message":`...), l.Message)
	b = strconv.AppendInt(append(b, `,"attempt":`...), l.Attempt, 10)
	b = plainjson.AppendString(append(b, `,"worker":`...), l.Worker)
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
	count := pipe.HMGet(ctx, attemptsKey(r.Fingerprint, r.Run), "lines")
	texts := pipe.LRange(ctx, logKey(r.Fingerprint, r.Run), 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, 0, unavailable("read log", err)
	}
	f := &fields{values: count.Val()}
	next = f.number()
	if f.err != nil {
		return nil, 0, fmt.Errorf("read log of %s: %w", r.ID, f.err)
	}
	kept := texts.Val()
	first := next - int64(len(kept)) // so many are forgotten
	for i, text := range kept {
		if first+int64(i) < after {
			continue
		}
		var l job.LogLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return nil, 0, fmt.Errorf("read log of %s: %w", r.ID, err)
		}
		lines = append(lines, l)
	}
	return lines, next, nil
}

// Attempts are the last hundred attempts of the job's run, oldest first.
func (s *Store) Attempts(ctx context.Context, r Record) ([]job.AttemptRecord, error) {
	if r.Run == "" {
		return nil, nil
	}
	all, err := s.rdb.HGetAll(ctx, attemptsKey(r.Fingerprint, r.Run)).Result()
	if err != nil {
		return nil, unavailable("read attempts", err)
	}
	byNumber := map[int64]*job.AttemptRecord{}
	for field, value := range all {
		text, name, ok := strings.Cut(field, ":")
		if !ok {
			continue // the number of lines
		}
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read attempts of %s: %w", r.ID, err)
		}
		if byNumber[number] == nil {
			byNumber[number] = &job.AttemptRecord{Number: number}
		}
		if err := setField(byNumber[number], name, value); err != nil {
			return nil, fmt.Errorf("read attempts of %s: %w", r.ID, err)
		}
	}
	attempts := make([]job.AttemptRecord, 0, len(byNumber))
	for _, a := range byNumber {
		attempts = append(attempts, *a)
	}
	slices.SortFunc(attempts, func(a, b job.AttemptRecord) int { return int(a.Number - b.Number) })
	return attempts, nil
}

func setField(a *job.AttemptRecord, name, value string) (err error) {
	switch name {
	case "worker":
		a.Worker = value
	case "state":
		a.State = job.AttemptState(value)
	case "started_ms":
		a.StartedMillis, err = strconv.ParseInt(value, 10, 64)
	case "ended_ms":
		a.EndedMillis, err = strconv.ParseInt(value, 10, 64)
	case "failure":
		a.Failure = new(job.Failure)
		err = json.Unmarshal([]byte(value), a.Failure)
	}
	return err
}

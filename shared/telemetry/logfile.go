package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// The bounds of a log file: what waits for it in memory, and what there is of it on disk.
const (
	queuedLines  = 8192
	queuedBytes  = 16 << 20
	fileMegas    = 50
	olderFiles   = 4
	retryWriting = time.Second
	// What comes within gathering, up to so many bytes, is written at once.
	gathering     = 50 * time.Millisecond
	togetherBytes = 64 << 10
)

// hostPlace stands for the name of the host in the path of a log file.
const hostPlace = "{host}"

// ErrLogFile is that there can be no log file under the path that was given.
var ErrLogFile = errors.New("open the log file")

// logFile writes lines into a file that is rotated by size. Whoever logs only puts a line into a queue; one goroutine writes. While the disk
// is full or hangs, lines wait; those that find no place are dropped and counted.
type logFile struct {
	path  string
	lines chan []byte
	held  atomic.Int64 // bytes in the queue

	dropped atomic.Int64
	seldom  seldom
	// elsewhere is where dropped lines are told of: anywhere but in the file.
	elsewhere *slog.Logger

	ending  chan struct{} // closed when no line comes any more
	end     sync.Once
	written chan struct{} // closed once all that will be written is
}

// openLogFile makes the folder and the file, and begins to write. Where only space is missing it goes on, for that may change.
func openLogFile(path string, elsewhere *slog.Logger) (*logFile, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("ask for the name of this machine: %w", err)
	}
	template := path
	path = strings.ReplaceAll(template, hostPlace, host)
	if err := makeLogFile(path); err != nil && !isFull(err) {
		return nil, fmt.Errorf("%w: %w", ErrLogFile, err)
	}
	l := &logFile{
		path: path, lines: make(chan []byte, queuedLines), elsewhere: elsewhere,
		ending: make(chan struct{}), written: make(chan struct{}),
	}
	go l.work(template)
	return l, nil
}

// makeLogFile makes a file that others may read, which is what a log shipper of another user does. Rotated ones are like it.
func makeLogFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as above
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // as above; the operator names it
	if err != nil {
		return err
	}
	return f.Close()
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO)
}

// Write puts a line into the queue. It never blocks and never fails.
func (l *logFile) Write(line []byte) (int, error) {
	size := int64(len(line))
	if l.held.Add(size) <= queuedBytes {
		select {
		case l.lines <- append([]byte(nil), line...):
			return len(line), nil
		default:
		}
	}
	l.held.Add(-size)
	l.lose(1)
	return len(line), nil
}

// lose counts lines that nobody will read, and tells of them now and then.
func (l *logFile) lose(n int64) {
	l.dropped.Add(n)
	if told := l.seldom.take(time.Now(), n); told > 0 {
		l.elsewhere.Warn("the log file takes no lines, which are lost; jobs go on", slog.String("file", l.path), slog.Int64("lines", told))
	}
}

// close writes what waits. It gives up when ctx ends, or if the disk takes nothing.
func (l *logFile) close(ctx context.Context) error {
	l.end.Do(func() { close(l.ending) })
	select {
	case <-l.written:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("write the last lines of the log file: %w", ctx.Err())
	}
}

// work writes what is queued until the end, after it has tidied up beside the file.
func (l *logFile) work(template string) {
	defer close(l.written)
	sweepLogs(template, time.Now())
	f := &rotated{path: l.path}
	defer f.close()
	for {
		select {
		case line := <-l.lines:
			l.put(f, l.gather(line))
		case <-l.ending:
			for {
				select {
				case line := <-l.lines:
					l.put(f, l.gather(line))
				default:
					return
				}
			}
		}
	}
}

// gather appends to a line those that come within a moment, so that one write does for all of them.
func (l *logFile) gather(lines []byte) []byte {
	over := time.NewTimer(gathering)
	defer over.Stop()
	ending := l.ending
	for len(lines) < togetherBytes {
		select {
		case line := <-l.lines:
			lines = append(lines, line...)
			continue
		default:
		}
		select {
		case line := <-l.lines:
			lines = append(lines, line...)
		case <-over.C:
			return lines
		case <-ending:
			return lines
		}
	}
	return lines
}

// put writes lines, again and again until the disk takes them or the process ends.
func (l *logFile) put(f *rotated, lines []byte) {
	defer l.held.Add(-int64(len(lines)))
	for {
		var err error
		if lines, err = f.write(lines); err == nil {
			return
		}
		again := time.NewTimer(retryWriting)
		select {
		case <-again.C:
		case <-l.ending:
			again.Stop()
			if lines, err = f.write(lines); err != nil {
				l.lose(int64(bytes.Count(lines, []byte{'\n'})))
			}
			return
		}
	}
}

// rotated is the file on the disk, opened anew after each error: it may be another one by then.
type rotated struct {
	path string
	file *lumberjack.Logger // nil before the first line
	torn bool               // the last line was written in part
}

// write writes whole lines, and returns those that it could not.
func (r *rotated) write(lines []byte) (rest []byte, err error) {
	if r.file == nil {
		if err := makeLogFile(r.path); err != nil {
			return lines, err
		}
		r.torn = r.torn || endsTorn(r.path)
		r.file = &lumberjack.Logger{Filename: r.path, MaxSize: fileMegas, MaxBackups: olderFiles}
	}
	if r.torn { // what was torn is one bad line, not two
		if _, err := r.file.Write([]byte{'\n'}); err != nil {
			return lines, r.broken(err)
		}
		r.torn = false
	}
	n, err := r.file.Write(lines)
	if err == nil {
		return nil, nil
	}
	whole := bytes.LastIndexByte(lines[:n], '\n') + 1
	r.torn = n > whole
	return lines[whole:], r.broken(err)
}

// broken closes the file, which is opened anew for the next line.
func (r *rotated) broken(err error) error {
	_ = r.file.Close() // it is broken anyway
	return err
}

// endsTorn tells whether the last line of a file has no end: whoever wrote it was killed.
func endsTorn(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names it
	if err != nil {
		return false // writing will tell
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

func (r *rotated) close() {
	if r.file != nil {
		_ = r.file.Close() // every line is written already
	}
}

package redisserver

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// leftoverPatience is how long a left-over server may take to write what it holds and end.
const leftoverPatience = 10 * time.Second

// endLeftover ends a server that still works in the folder, or waits for it if it is ending already: two on the same data would
// ruin it. On Linux a server ends by itself with its parent, elsewhere or stopped it may still be there.
func endLeftover(ctx context.Context, cfg Config) error {
	pid := readPID(cfg.Dir)
	if pid != 0 && !isServer(pid, cfg.Dir) {
		pid = 0 // the number is somebody else's by now
	}
	path := currentSocket(cfg.Dir)
	err := ask(ctx, path, "PING")
	if answers := err == nil || strings.HasPrefix(err.Error(), "LOADING"); answers || pid != 0 {
		cfg.Logger.WarnContext(ctx, "ending the redis-server that an earlier process has left", slog.Int("pid", pid))
		if pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGTERM) // it may be ending already
		} else {
			_ = ask(ctx, path, "SHUTDOWN NOSAVE") // the answer is the end of the connection
		}
		if err := awaitEnd(ctx, cfg.Dir, path, pid); err != nil {
			return err
		}
	}
	return removeStale(cfg.Dir)
}

// awaitEnd waits until neither the process nor its socket is there, and kills the process if that takes too long.
func awaitEnd(ctx context.Context, dir, path string, pid int) error {
	again, late := time.NewTicker(pollInterval), time.NewTimer(leftoverPatience)
	defer again.Stop()
	defer late.Stop()
	for {
		gone := pid == 0 || !isServer(pid, dir)
		if gone && pid == 0 {
			err := ask(ctx, path, "PING")
			gone = err != nil && !strings.HasPrefix(err.Error(), "LOADING")
		}
		if gone {
			return nil
		}
		select {
		case <-again.C:
		case <-late.C:
			if pid == 0 {
				return fmt.Errorf("it answers on %s, does not end when told to, and has left no process id", path)
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				return fmt.Errorf("process %d: %w", pid, err)
			}
		case <-ctx.Done():
			return fmt.Errorf("process %d: %w", pid, ctx.Err())
		}
	}
}

// readPID returns what the server's pid file says, or 0.
func readPID(dir string) int {
	text, err := os.ReadFile(pidFile(dir))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

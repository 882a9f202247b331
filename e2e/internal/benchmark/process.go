package benchmark

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startLimit is how long a process may take to be ready, and endLimit to end.
const (
	startLimit = 30 * time.Second
	endLimit   = 15 * time.Second
)

// Process is a program that was started here, with all that it starts itself.
type Process struct {
	// Line is the first line that it printed.
	Line string

	name string
	cmd  *exec.Cmd
	done chan struct{}
}

// Start runs a program until End, and waits for its first line on standard output if it prints one. It gets nothing of this process's
// environment but where programs are.
func Start(ctx context.Context, env []string, prints bool, name string, args ...string) (*Process, error) {
	p := &Process{name: filepath.Base(name) + " " + strings.Join(args, " "), done: make(chan struct{})}
	p.cmd = exec.Command(name, args...) //nolint:noctx // End ends it
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is ours to pass on
	// Standard error goes nowhere: what it costs to write it is part of what is measured, what it costs us to read it is not.
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	first := make(chan string, 1)
	go func() {
		defer close(p.done)
		defer close(first)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			select {
			case first <- lines.Text():
			default:
			}
		}
		_ = p.cmd.Wait() // ProcessState tells
	}()
	if !prints {
		return p, nil
	}
	if err := p.await(ctx, first); err != nil {
		p.End()
		return nil, err
	}
	return p, nil
}

// await waits for the first line.
func (p *Process) await(ctx context.Context, first <-chan string) error {
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case line, ok := <-first:
		if p.Line = line; ok {
			return nil
		}
		return fmt.Errorf("%s has ended at once; run it by hand to see why", p.name)
	case <-limit.C:
		return fmt.Errorf("%s is not ready after %v", p.name, startLimit)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// End asks the process to end, and makes it, and what it has started, if it does not.
func (p *Process) End() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	limit := time.NewTimer(endLimit)
	defer limit.Stop()
	select {
	case <-p.done:
	case <-limit.C:
		p.Kill()
	}
}

// Kill ends the process and what it has started at once.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // as above; its group has its number
	<-p.done
}

// ProcessorTime is what the process and those that it has started have used so far, or 0 where the system does not tell. What one of them has
// used that has ended meanwhile is not in it, nor are threads that have.
func (p *Process) ProcessorTime() time.Duration {
	members, err := groupMembers(p.cmd.Process.Pid)
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, pid := range members {
		sum += processorTime(pid)
	}
	return sum
}

// groupMembers are the processes of a group.
func groupMembers(group int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var members []int
	for _, path := range stats {
		if pid, of := parseGroup(readText(path)); pid > 0 && of == group {
			members = append(members, pid)
		}
	}
	if len(members) == 0 {
		return nil, errors.New("the system tells of no process")
	}
	return members, nil
}

// parseGroup reads a process's number and its group's out of proc(5)'s stat.
func parseGroup(stat string) (pid, group int) {
	number, _, _ := strings.Cut(stat, " ")
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:]) // a name may have spaces and brackets in it
	const of = 2                                                        // state, parent, group
	if len(fields) <= of {
		return 0, 0
	}
	pid, err := strconv.Atoi(number)
	if err != nil {
		return 0, 0
	}
	if group, err = strconv.Atoi(fields[of]); err != nil {
		return 0, 0
	}
	return pid, group
}

// processorTime adds up the threads of one process. The scheduler counts in nanoseconds what stat tells in hundredths of a second.
func processorTime(pid int) time.Duration {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, path := range threads {
		ran, _, _ := strings.Cut(readText(path), " ")
		n, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			continue // it has ended
		}
		sum += time.Duration(n)
	}
	return sum
}

// OwnProcessorTime is what this process has used so far.
func OwnProcessorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

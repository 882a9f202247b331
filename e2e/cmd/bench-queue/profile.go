package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// profile is where a process of ours spends its processor time under load.
type profile struct {
	process string
	areas   map[string]time.Duration
	total   time.Duration
}

// area is a part of the work, by the packages and functions that do it.
type area struct {
	name   string
	frames []string // how their names begin
}

// The first frame of a stack, from the innermost on, that belongs to an area has the sample. What the runtime and the system do for a caller is so
// the caller's, but for memory and scheduling, which have areas of their own.
var areas = []area{
	{"memory: allocating, clearing up", []string{"runtime.mallocgc", "runtime.gcBgMarkWorker", "runtime.growslice", "runtime.makeslice", "runtime.newobject",
		"runtime.bgsweep", "runtime.bgscavenge", "runtime.gcAssistAlloc", "runtime.gcStart", "runtime.wbBufFlush"}},
	{"scheduling of goroutines", []string{"runtime.mcall", "runtime.mstart", "runtime.schedule", "runtime.goready", "runtime.ready", "runtime.findRunnable",
		"runtime.newproc", "runtime.sysmon", "runtime.morestack", "runtime.goexit0", "runtime.chansend", "runtime.chanrecv", "runtime.selectgo"}},
	{"computing and verifying", []string{"numbermill/shared/bignum", "numbermill/shared/function", "numbermill/shared/verify", "crypto/sha256", "crypto/internal"}},
	{"JSON", []string{"encoding/json"}},
	{"telemetry and log lines", []string{"numbermill/shared/telemetry", "go.opentelemetry.io", "log/slog", "github.com/prometheus"}},
	{"Asynq", []string{"github.com/hibiken/asynq"}},
	{"Redis client", []string{"github.com/redis/go-redis"}},
	{"HTTP", []string{"net/http", "github.com/gorilla/mux", "net/textproto", "net/url"}},
	{"our own code", []string{"numbermill/"}},
}

// elsewhere is what belongs to no area.
const elsewhere = "everything else"

// areaOf finds the area of a stack, innermost frame first.
func areaOf(stack []string) string {
	for _, frame := range stack {
		for _, a := range areas {
			if slices.ContainsFunc(a.frames, func(prefix string) bool { return strings.HasPrefix(frame, prefix) }) {
				return a.name
			}
		}
	}
	return elsewhere
}

// add takes in the stacks that `go tool pprof -traces` prints: blocks between lines of dashes, each of a time and a function, and then the functions
// around it, one a line.
func (p *profile) add(traces []byte) {
	var (
		stack []string
		took  time.Duration
	)
	end := func() {
		if len(stack) > 0 {
			p.areas[areaOf(stack)] += took
			p.total += took
		}
		stack, took = nil, 0
	}
	begun := false
	for lines := bufio.NewScanner(bytes.NewReader(traces)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch words := strings.Fields(line); {
		case strings.HasPrefix(line, "-----"):
			end()
			begun = true
		case !begun || len(words) == 0:
		case stack == nil && len(words) > 1:
			if d, err := time.ParseDuration(words[0]); err == nil {
				took, stack = d, words[1:2]
			}
		case stack != nil:
			stack = append(stack, words[0])
		}
	}
	end()
}

// profile measures where the API and the worker spend their time at many connections, in as many lives as the plan says.
func (b *bench) profile(ctx context.Context) error {
	found := []profile{{process: "API", areas: make(map[string]time.Duration)}, {process: "worker", areas: make(map[string]time.Duration)}}
	for life := range b.plan.profiles {
		b.say("profile %d of %d\n", life+1, b.plan.profiles)
		if err := b.profileOnce(ctx, found); err != nil {
			if ctx.Err() != nil {
				return err
			}
			b.absent = append(b.absent, fmt.Sprintf("the profile, which failed (%v)", err))
			return nil
		}
	}
	b.profiles = found
	return nil
}

// profileOnce adds the profiles of one life.
func (b *bench) profileOnce(ctx context.Context, found []profile) error {
	addresses := make([]string, len(found))
	for i := range addresses {
		var err error
		if addresses[i], err = freeAddress(ctx); err != nil {
			return err
		}
	}
	args := func(i int) []string { return []string{"--profile-listen", addresses[i]} }
	l, err := b.begin(ctx, system{numbermillID, "Numbermill", func(ctx context.Context, l *life) (target, error) {
		return startNumbermill(ctx, l, args(0), args(1))
	}})
	if err != nil {
		return err
	}
	defer l.end()
	if err := l.warm(ctx, manyConnections); err != nil {
		return err
	}
	var (
		both sync.WaitGroup
		errs = make([]error, len(found))
	)
	for i := range found {
		both.Go(func() { errs[i] = fetchProfile(ctx, addresses[i], l.bench.profilePath(i), b.plan.load) })
	}
	_, _, err = l.load(ctx, manyConnections, freshFrom(measured()))
	both.Wait()
	for i := range found {
		if err == nil {
			err = errs[i]
		}
		if err == nil {
			err = found[i].read(ctx, b.profilePath(i))
		}
	}
	return err
}

func (b *bench) profilePath(i int) string { return filepath.Join(b.dir, fmt.Sprintf("profile-%d", i)) }

// fetchProfile has a process look at itself for a while.
func fetchProfile(ctx context.Context, address, path string, for_ time.Duration) error {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, max(int(for_.Seconds()), 1))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: for_ + time.Minute}).Do(request)
	if err != nil {
		return fmt.Errorf("take a profile: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // it is read whole
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("take a profile: status %d: %w", response.StatusCode, err)
	}
	return os.WriteFile(path, body, 0o600)
}

// read adds a profile from its file.
func (p *profile) read(ctx context.Context, path string) error {
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", "-unit", "ms", path).Output()
	if err != nil {
		return fmt.Errorf("read a profile: %w", err)
	}
	p.add(out)
	return nil
}

// bounds is the part of the page that says what is in the way of more.
func (r report) bounds() string {
	if len(r.profiles) == 0 {
		return ""
	}
	names, head := make([]string, 0, len(areas)+1), []string{"share of the processor time"}
	for _, a := range areas {
		names = append(names, a.name)
	}
	names = append(names, elsewhere)
	most := func(name string) (t time.Duration) {
		for _, p := range r.profiles {
			t += p.areas[name]
		}
		return t
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(most(b), most(a)) })
	for _, p := range r.profiles {
		head = append(head, p.process)
	}
	var rows [][]string
	for _, name := range names {
		row := []string{name}
		for _, p := range r.profiles {
			row = append(row, fmt.Sprintf("%.0f %%", 100*p.areas[name].Seconds()/max(p.total.Seconds(), 1e-9)))
		}
		rows = append(rows, row)
	}
	return "### What bounds the rest\n\n" + benchmark.Table(head, rows)
}

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
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
	{"memory: allocating, clearing up", []string{
		"runtime.mallocgc", "runtime.gcBgMarkWorker", "runtime.growslice", "runtime.makeslice", "runtime.newobject", "runtime.bgsweep",
		"runtime.bgscavenge", "runtime.gcAssistAlloc", "runtime.gcStart", "runtime.wbBufFlush",
	}},
	{"scheduling of goroutines", []string{
		"runtime.mcall", "runtime.mstart", "runtime.schedule", "runtime.goready", "runtime.ready", "runtime.findRunnable", "runtime.newproc",
		"runtime.sysmon", "runtime.morestack", "runtime.goexit0", "runtime.chansend", "runtime.chanrecv", "runtime.selectgo",
	}},
	{"computing and verifying", []string{
		"numbermill/shared/bignum", "numbermill/shared/function", "numbermill/shared/verify", "crypto/sha256", "crypto/internal",
	}},
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

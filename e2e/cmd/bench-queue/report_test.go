package main

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/benchmark"
)

func TestPage(t *testing.T) {
	t.Parallel()
	none := math.NaN()
	page := report{
		when: time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC), plan: fullPlan, systems: []system{systems()[0], systems()[3]},
		absent: []string{"Celery + Flask was not asked for"}, versions: []string{"numbermill v1"},
		results: []result{
			{measure{idleMedian, milliseconds}, map[string][]float64{numbermillID: {0.002, 0.001, 0.003}, bullmqID: {0.004, 0.004, 0.005}}},
			{measure{freshFew, perSecond}, map[string][]float64{numbermillID: {3000, 2000, 4000}, bullmqID: {1000, none, 1000}}},
			{measure{storedPosts, perSecond}, map[string][]float64{numbermillID: {3000}, bullmqID: {none}}},
			{measure{idleShare, share}, map[string][]float64{numbermillID: {0.004}, bullmqID: {0}}},
			{measure{batchDone, seconds}, map[string][]float64{numbermillID: {1.25}, bullmqID: {3.3}}},
		},
		profiles: []profile{
			{"API", map[string]time.Duration{"HTTP": 3 * time.Second, "JSON": time.Second}, 4 * time.Second},
			{"worker", map[string]time.Duration{"JSON": time.Second}, 2 * time.Second},
		},
		machine: benchmark.Machine{Processor: "Fast One", Count: 2, System: "linux"}, quiet: true,
		load: benchmark.Load{Before: "0.1", After: "2.0", Others: 0.02, Known: true},
	}.page()
	for _, want := range []string{
		"## How fast small jobs are carried\n", "`make bench-queue` wrote this part",
		"- 4 March 2026, 05:06 UTC, on Fast One, 2 processors, linux\n- numbermill v1\n", "- **Left out**: Celery + Flask was not asked for\n",
		"| measure | Numbermill | BullMQ + Node http |\n",
		"| idle: submit to result, p50 | 2.00 ms (1.00 ms…3.00 ms) | 4.00 ms (4.00 ms…5.00 ms) |\n",
		"| fresh jobs a second, 16 connections | 3000 (2000…4000) | 1000 (1000…1000) |\n",
		"| stored: POST a second, 16 connections | 3000 | – |\n",
		"| idle: submit to result, p50 | 0.50 (0.25…0.60) |\n",
		"| fresh jobs a second, 16 connections | 4.00 (3.00…4.00) |\n",
		"| idle: submit to result, p50, beside BullMQ + Node http | 0.50 (0.25…0.60) | ≤ 0.60× | met | ≤ 0.35× | **not met** |\n",
		"| idle: submit to result, p50 | 2.00 ms (1.00 ms…3.00 ms) |  |  | ≤ 1.80 ms | **not met** |\n",
		"| fresh jobs a second, 16 connections | 3000 (2000…4000) | ≥ 1500 | met | ≥ 3200 | **not met** |\n",
		"| stored: POST a second, 16 connections | 3000 | ≥ 4000 | **not met** | ≥ 6500 | **not met** |\n",
		"| idle: CPU of API and worker | 0.40 % | ≤ 1.00 % | met | ≤ 0.50 % | met |\n",
		"| batch: until all done | 1.25 s | ≤ 4.00 s | met | ≤ 1.30 s | met |\n",
		"### What bounds the rest\n", "| share of the processor time | API | worker |\n", "| HTTP | 75 % | 0 % |\n", "| JSON | 25 % | 50 % |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"not quiet", "NaN", "Inf", "%!"} {
		if strings.Contains(page, not) {
			t.Errorf("the page says %q", not)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	const traces = `File: numbermill
Type: cpu
Time: 2026-03-04 05:06:07 UTC
Duration: 2s, Total samples = 60ms ( 3.00%)
-----------+-------------------------------------------------------
      10ms   internal/runtime/syscall.Syscall6
             syscall.write
             net.(*conn).Write
             github.com/redis/go-redis/v9/internal/proto.(*Writer).WriteArgs
             numbermill/shared/store.(*Store).Submit
-----------+-------------------------------------------------------
     0.02s   runtime.mallocgc
             encoding/json.Marshal
             net/http.(*conn).serve
-----------+-------------------------------------------------------
       bytes:  16B
      20ms   encoding/json.Marshal (inline)
             net/http.(*conn).serve
-----------+-------------------------------------------------------
      10ms   runtime.futex
             runtime.notewakeup
-----------+-------------------------------------------------------
`
	p := profile{areas: make(map[string]time.Duration)}
	p.add([]byte(traces))
	want := map[string]time.Duration{
		"Redis client": 10 * time.Millisecond, "memory: allocating, clearing up": 20 * time.Millisecond,
		"JSON": 20 * time.Millisecond, elsewhere: 10 * time.Millisecond,
	}
	if diff := cmp.Diff(want, p.areas); diff != "" || p.total != 60*time.Millisecond {
		t.Errorf("of %v (-want +got):\n%s", p.total, diff)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := parseOptions([]string{"-docs", "docs", "--quick", "--rounds", "2", "--only", "asynq,bullmq"}, io.Discard)
	if err != nil || !o.quick || o.docs != "" || o.rounds != 2 {
		t.Errorf("got %+v (%v), want a quick look that writes nothing", o, err)
	}
	b := bench{}
	if err := b.choose(o.only); err == nil {
		t.Error("BullMQ is measured without being there")
	}
	if err := (&bench{}).choose([]string{asynqID}); err != nil {
		t.Error(err)
	}
	for _, args := range [][]string{{"quick"}, {"--rounds", "-1"}, {"--rounds", "1000"}} {
		if _, err := parseOptions(args, io.Discard); err == nil {
			t.Errorf("%q gives no error", args)
		}
	}
}

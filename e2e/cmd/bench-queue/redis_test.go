package main

import (
	"io"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/benchmark"
)

func TestWorkBetween(t *testing.T) {
	t.Parallel()
	before := parseInfo("# Stats\r\ntotal_commands_processed:10\r\ntotal_reads_processed:5\r\nredis_version:7.0.15\r\n" +
		"# Commandstats\r\ncmdstat_evalsha:calls=2,usec=1\r\ncmdstat_info:calls=1,usec=9\r\n")
	after := parseInfo("total_commands_processed:111\ntotal_reads_processed:26\ncmdstat_evalsha:calls=12,usec=1\ncmdstat_fcall:calls=3,usec=1\ncmdstat_set:calls=80")
	want := work{commands: 100, scripts: 13, reads: 20}
	if diff := cmp.Diff(want, workBetween(before, after), cmp.AllowUnexported(work{})); diff != "" {
		t.Errorf("work (-want +got):\n%s", diff)
	}
	if got := before.text["redis_version"]; got != "7.0.15" {
		t.Errorf("the version is %q", got)
	}
}

// TestRaw: the peers that are written in Go do jobs, one at a time and many at once.
func TestRaw(t *testing.T) {
	t.Parallel()
	for _, id := range []string{asynqID, blmoveID} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			redis, err := startRedis(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(redis.stop)
			if err := redis.empty(t.Context()); err != nil {
				t.Fatal(err)
			}
			address := redis.address
			s, err := connectRaw(t.Context(), id, address)
			if err != nil {
				t.Fatal(err)
			}
			serving, ready := io.Pipe()
			var worker sync.WaitGroup
			worker.Go(func() {
				if err := serve(t.Context(), id, address, ready); err != nil {
					t.Error(err)
				}
			})
			t.Cleanup(worker.Wait)
			if _, err := serving.Read(make([]byte, 100)); err != nil {
				t.Fatal(err)
			}
			defer s.close()
			c, err := s.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.fresh(t.Context(), job{n: 1234, check: true}); err != nil {
				t.Error(err)
			}
			if err := c.get(t.Context(), "1"); err == nil {
				t.Error("there is something stored")
			}
			all := make([]job, 2*chunk+1)
			for i := range all {
				all[i] = job{n: i}
			}
			if _, done, err := s.batch(t.Context(), all); err != nil || done <= 0 {
				t.Errorf("a batch took %v (%v)", done, err)
			}
		})
	}
}

func TestFreeAddress(t *testing.T) {
	t.Parallel()
	address, err := freeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := benchmark.DialHTTP(t.Context(), "http://"+address); err == nil {
		t.Errorf("somebody listens on %s", address)
	}
}

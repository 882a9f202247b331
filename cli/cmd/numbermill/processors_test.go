package main

import (
	"io"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"numbermill/shared/redistest"
)

// TestProcessorsAreSpared looks how many goroutines an API and a worker run at a time: one less than there are processors, but all of them, and room for the
// threads of large computations, while there is more to do than tiny things.
func TestProcessorsAreSpared(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), t.TempDir()
	place := []string{"NUMBERMILL_REDIS=" + redis, "NUMBERMILL_RESULTS=" + results}
	server := launch(t, place, "api", "--listen", "127.0.0.1:0")
	url := server.ready()
	crew := launch(t, place, "worker", "--calibrate=false", "--operator-listen", "127.0.0.1:0")
	crew.ready()
	address := regexp.MustCompile(`"numbermill\.operator_address":"([^"]+)"`).FindStringSubmatch(crew.err.String())
	if address == nil {
		t.Fatal("the worker does not say where it can be asked")
	}
	processors := runtime.GOMAXPROCS(0)
	few := max(1, processors-1)
	uses := func(url string, n int) func() bool {
		return func() bool {
			return strings.Contains(text(t, url+"/metrics"), "\ngo_sched_gomaxprocs_threads "+strconv.Itoa(n)+"\n")
		}
	}
	worker := "http://" + address[1]
	until(t.Context(), t, "the API to spare a processor", uses(url, few))
	until(t.Context(), t, "the worker to spare a processor", uses(worker, few))

	take := func(job string) {
		r, err := http.Post(url+"/v1/batches", "application/json", strings.NewReader(`{"jobs":[`+job+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusAccepted {
			t.Fatalf("a batch is answered with %d %s, %v", r.StatusCode, answer, err)
		}
		if err := r.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	take(`{"function":"factorial","args":{"n":"10000000"}}`)
	until(t.Context(), t, "a large computation to have room", uses(worker, 3*processors))
	until(t.Context(), t, "an API that takes batches to use all", func() bool {
		take(`{"function":"fibonacci","args":{"n":"10"}}`)
		return uses(url, processors)()
	})
	until(t.Context(), t, "the worker to spare a processor again", uses(worker, few))
	until(t.Context(), t, "the API to spare a processor again", uses(url, few))
	crew.stop()
	server.stop()
}

package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// jobLimit is how long a small job may take on a busy machine.
const jobLimit = 60 * time.Second

// job is what the tests look at.
type job struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Result *struct {
		SHA256 string `json:"sha256"`
	} `json:"result"`
}

// submit posts a job, of a function such as "fibonacci" or "fibonacci/recursive", and returns it as it is then.
func submit(t *testing.T, url, function string, arguments map[string]string) job {
	t.Helper()
	name, method, _ := strings.Cut(function, "/")
	body, err := json.Marshal(map[string]any{"function": name, "args": arguments, "method": cmp.Or(method, "fast")})
	if err != nil {
		t.Fatal(err)
	}
	var j job
	call(t, http.MethodPost, url+"/v1/jobs", string(body), &j)
	return j
}

// get returns a job as it is.
func get(t *testing.T, url, id string) job {
	t.Helper()
	var j job
	call(t, http.MethodGet, url+"/v1/jobs/"+id, "", &j)
	return j
}

// awaitSuccess waits until a job has succeeded.
func awaitSuccess(t *testing.T, url, id string) job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), jobLimit)
	defer cancel()
	var j job
	until(ctx, t, "job "+id, func() bool {
		j = get(t, url, id)
		switch j.State {
		case "queued", "running":
			return false
		case "succeeded":
			return true
		default:
			t.Fatalf("the job is %s, want it to succeed", j.State)
			return true
		}
	})
	return j
}

// call makes a request and decodes the answer, which must be a good one.
func call(t *testing.T, method, url, body string, to any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s answers %s (%v):\n%s", method, url, response.Status, err, answer)
	}
	if err := json.Unmarshal(answer, to); err != nil {
		t.Fatalf("%s %s: %v:\n%s", method, url, err, answer)
	}
}

// client opens a connection for each request, since servers come and go.
var client = &http.Client{Timeout: startLimit, Transport: &http.Transport{DisableKeepAlives: true}}

// digits fetches a result and returns its SHA-256.
func digits(t *testing.T, url, id string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/jobs/"+id+"/result", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the result answers %s (%v)", response.Status, err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// known are the results that everything is measured by, with the start of their SHA-256.
var known = []struct {
	function  string
	arguments map[string]string
	sha256    string
}{
	{"fibonacci", map[string]string{"n": "1000000"}, "aef6e8c19df607aa"},
	{"factorial", map[string]string{"n": "100000"}, "820239691ef9b488"},
	{"fibonacci-sum", map[string]string{"n": "1000000"}, "cec9b5b4a42e5c42"},
	{"ackermann", map[string]string{"m": "4", "n": "2"}, "daeafdfae592d817"},
}

// computesAll submits what is known and compares.
func computesAll(t *testing.T, url string) {
	t.Helper()
	for _, k := range known {
		j := awaitSuccess(t, url, submit(t, url, k.function, k.arguments).ID)
		if got := digits(t, url, j.ID); !strings.HasPrefix(got, k.sha256) || got != j.Result.SHA256 {
			t.Errorf("%s %v has SHA-256 %s and its job says %s, want it to begin with %s", k.function, k.arguments, got, j.Result.SHA256, k.sha256)
		}
	}
}

// submitMany posts n different jobs and returns their ids.
func submitMany(t *testing.T, url string, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range n {
		ids[i] = submit(t, url, "fibonacci", map[string]string{"n": strconv.Itoa(100_000 + i)}).ID
	}
	return ids
}

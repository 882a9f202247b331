package faults_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// 20 people who download 65 MB at the same time raise the memory of the API by less than 40 MB.
func TestDownload(t *testing.T) {
	begin(t)
	const people, most = 20, 40 << 20
	p := open(t)
	p.hire(t)
	d := await(t, p.c, must(t, p.c, want("fibonacci", "n=311000000")).ID, "succeeded", 2*platformtest.Patience)
	size, err := strconv.ParseInt(*d.Result.Digits, 10, 64)
	if err != nil || size < 64_000_000 {
		t.Fatalf("the result has %s digits (%v), want about 65,000,000", *d.Result.Digits, err)
	}
	download(t, p.c, d.ID, 1, size) // what is made at the first is not what people cost
	before := resetPeak(t, p.api.PID())
	began := time.Now()
	download(t, p.c, d.ID, people, size)
	took, peak := time.Since(began), memory(t, p.api.PID(), "VmHWM")
	note(t, "20 downloads", "%d MB each in %v, %.0f MB/s together", size/1_000_000, took.Round(time.Millisecond),
		float64(people*size)/1e6/took.Seconds())
	note(t, "the API's memory", "%.1f MB before, %.1f MB at the most, %.1f MB more; must be < 40 MB", mega(before), mega(peak), mega(peak-before))
	if peak-before >= most {
		t.Errorf("20 downloads raise the API's memory from %.1f to %.1f MB, want less than 40 MB more", mega(before), mega(peak))
	}
}

func mega(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// download reads a result so many times at once, uncompressed.
func download(t *testing.T, c *platformtest.Client, id string, people int, size int64) {
	t.Helper()
	hc := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxConnsPerHost: people}}
	t.Cleanup(hc.CloseIdleConnections)
	ctx := within(t, 3*time.Minute)
	var all sync.WaitGroup
	for range people {
		all.Go(func() {
			if n, err := drain(ctx, hc, c.URL+"/v1/jobs/"+id+"/result"); err != nil || n != size {
				t.Errorf("a download has %d bytes (%v), want %d", n, err, size)
			}
		})
	}
	all.Wait()
}

func drain(ctx context.Context, hc *http.Client, url string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	res, err := hc.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "" {
		return 0, fmt.Errorf("it is answered %s, encoded %q", res.Status, res.Header.Get("Content-Encoding"))
	}
	return io.Copy(io.Discard, res.Body)
}

// resetPeak has the system measure a process's largest memory anew, and returns what it has now.
func resetPeak(t *testing.T, pid int) int64 {
	t.Helper()
	if err := os.WriteFile(filepath.Join("/proc", strconv.Itoa(pid), "clear_refs"), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
	return memory(t, pid, "VmRSS")
}

// memory reads one of the sizes in /proc/PID/status, in bytes.
func memory(t *testing.T, pid int, name string) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kb, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatalf("/proc/%d/status has no %s", pid, name)
	return 0
}

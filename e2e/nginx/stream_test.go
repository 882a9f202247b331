package nginx_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
)

// TestEventsArriveOneByOne: each event has reached the client before the next one is sent.
func TestEventsArriveOneByOne(t *testing.T) {
	t.Parallel()
	const events = 20
	read := make(chan struct{})
	n, _ := front(t, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range events {
			_, _ = fmt.Fprintf(w, "event: progress\ndata: %d\n\n", i)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-read:
			case <-r.Context().Done():
				return
			}
		}
	})
	req, err := http.NewRequestWithContext(within(t, platformtest.Patience), http.MethodGet, n.URL+"/v1/jobs/job_1/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := (&http.Transport{}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for i := range events {
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "data:") {
			continue
		}
		if got, want := lines.Text(), fmt.Sprintf("data: %d", i); got != want {
			t.Fatalf("got %q (%v), want %q", got, lines.Err(), want)
		}
		read <- struct{}{}
	}
}

// TestEventsOfAJob: a real job's events end with done, in a stream that the log calls one.
func TestEventsOfAJob(t *testing.T) {
	t.Parallel()
	s := open(t, 1)
	j := submit(t, s.c, `{"function":"fibonacci","args":{"n":"1000"}}`)
	r := ask(t, s.c, http.MethodGet, j.Links.Events, "")
	if r.Status != http.StatusOK || !bytes.Contains(r.Body, []byte("event: done")) {
		t.Errorf("the stream is %s", r)
	}
	line := s.nginx.Await(t, "the stream", of(j.Links.Events, "200"))
	if kind, route := line.Text("request.kind"), line.Text("http.route"); kind != "stream" || route != "/v1/jobs/{id}/events" {
		t.Errorf("the log calls it %s of %s", kind, route)
	}
	// A poll that waits is one of the kind wait; the digits are a download.
	r = ask(t, s.c, http.MethodGet, j.Links.Self, "", "Prefer", "wait=2")
	if got := r.Header.Get("Preference-Applied"); got != "wait=2" {
		t.Errorf("the preference that was applied is %q", got)
	}
	ask(t, s.c, http.MethodGet, j.Links.Self+"/result", "")
	for path, want := range map[string]string{j.Links.Self: "wait", j.Links.Self + "/result": "download"} {
		if got := s.nginx.Await(t, path, of(path, "200")).Text("request.kind"); got != want {
			t.Errorf("the log calls %s %q, want %s", path, got, want)
		}
	}
}

// TestLongPoll: a wait for a job that does not end takes as long as it was to, and no longer. The full run waits a minute.
func TestLongPoll(t *testing.T) {
	t.Parallel()
	wait := 2 * time.Second
	if os.Getenv("NUMBERMILL_SOAK") != "" {
		wait = time.Minute
	}
	s := open(t, 0)
	j := submit(t, s.c, `{"function":"fibonacci","args":{"n":"1000"}}`)
	began := time.Now()
	r, err := s.c.Do(within(t, 2*platformtest.Patience), http.MethodGet, j.Links.Self, "", "Prefer", fmt.Sprintf("wait=%d", int(wait.Seconds())))
	if took := time.Since(began); err != nil || r.Status != http.StatusOK || took < wait {
		t.Errorf("a poll of %v: %s (%v) after %v", wait, r, err, took)
	}
}

// TestALargeDownloadStaysOutOfNginx: 65 MB for a client that does not read fill neither nginx's disk nor its memory, nor is more than a little of
// them asked of the API before the client reads on.
func TestALargeDownloadStaysOutOfNginx(t *testing.T) {
	t.Parallel()
	const size, most = 65 << 20, 24 << 20 // sockets on the way hold some of it too
	var sent atomic.Int64
	n, _ := front(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		w.Header().Set("Content-Type", "text/plain")
		piece := bytes.Repeat([]byte("0123456789abcdef"), 4096)
		for sent.Load() < size {
			k, err := w.Write(piece[:min(len(piece), size-int(sent.Load()))])
			if sent.Add(int64(k)); err != nil {
				return
			}
		}
	})
	req, err := http.NewRequestWithContext(within(t, platformtest.Patience), http.MethodGet, n.URL+"/v1/jobs/job_1/result", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Transport{}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	settle(t, &sent)
	if got := sent.Load(); got > most {
		t.Errorf("%d bytes were asked of the API though the client reads nothing, want at most %d", got, most)
	}
	if got := folderSize(t, n); got > 1<<20 {
		t.Errorf("nginx has written %d bytes to its disk", got)
	}
	if got, err := io.Copy(io.Discard, res.Body); err != nil || got != size {
		t.Errorf("read %d bytes (%v), want %d", got, err, size)
	}
	line := n.Await(t, "the download", of("/v1/jobs/job_1/result", "200"))
	if got := line.Text("http.response.body.bytes"); got != strconv.Itoa(size) {
		t.Errorf("the log says %s bytes, want %d", got, size)
	}
}

// settle waits until a number has not grown for a while.
func settle(t *testing.T, number *atomic.Int64) {
	t.Helper()
	still := time.NewTicker(200 * time.Millisecond)
	defer still.Stop()
	for last := int64(-1); last != number.Load() || last <= 0; <-still.C {
		last = number.Load()
	}
}

// folderSize is how much nginx keeps in files.
func folderSize(t *testing.T, n *nginxtest.Server) (size int64) {
	t.Helper()
	err := filepath.Walk(n.Temp, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// TestRangesOfDigits: parts come as they are, never compressed, and are the same as those of the whole.
func TestRangesOfDigits(t *testing.T) {
	t.Parallel()
	s := open(t, 1)
	j := submit(t, s.c, `{"function":"fibonacci","args":{"n":"100000"}}`, "Prefer", "wait=30")
	path := j.Links.Self + "/result"
	whole := ask(t, s.c, http.MethodGet, path, "")
	if len(whole.Body) != 20899 || whole.Header.Get("Repr-Digest") == "" {
		t.Fatalf("the whole has %d bytes and the digest %q", len(whole.Body), whole.Header.Get("Repr-Digest"))
	}
	for _, bounds := range [][2]int{{0, 9999}, {10000, 10000}, {15000, 20898}} {
		r := ask(t, s.c, http.MethodGet, path, "", "Range", fmt.Sprintf("bytes=%d-%d", bounds[0], bounds[1]), "Accept-Encoding", "gzip")
		if r.Status != http.StatusPartialContent || r.Header.Get("Content-Encoding") != "" || !bytes.Equal(r.Body, whole.Body[bounds[0]:bounds[1]+1]) {
			t.Errorf("bytes %v: %d with %d bytes, encoded as %q", bounds, r.Status, len(r.Body), r.Header.Get("Content-Encoding"))
		}
	}
	// What the API has compressed arrives as the API has compressed it.
	for _, coding := range []string{"gzip", "zstd"} {
		r := ask(t, s.c, http.MethodGet, path, "", "Accept-Encoding", coding)
		if got := r.Header.Values("Content-Encoding"); len(got) != 1 || got[0] != coding || !strings.HasSuffix(r.Header.Get("ETag"), "-"+coding+`"`) {
			t.Errorf("whole as %s: encoded as %q with the ETag %s", coding, got, r.Header.Get("ETag"))
		}
	}
}

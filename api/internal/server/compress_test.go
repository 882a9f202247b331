package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"numbermill/api/internal/server"
)

// unpack undoes a Content-Encoding.
func unpack(t *testing.T, encoding string, body []byte) string {
	t.Helper()
	var in io.Reader = bytes.NewReader(body)
	var err error
	switch encoding {
	case "gzip":
		in, err = gzip.NewReader(in)
	case "zstd":
		in, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(in)
	if err != nil {
		t.Fatalf("%s: %v", encoding, err)
	}
	return string(plain)
}

func TestChoiceOfCoding(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "", "identity": "", "br": "", "gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "GZIP": "gzip", "x-gzip": "gzip",
		"zstd;q=0.5, gzip": "gzip", "zstd;q=0, gzip;q=0": "", "zstd;q=0.2,gzip;q=0.4,identity;q=0.3": "gzip", "identity, gzip;q=0.5": "",
		"identity;q=0, gzip;q=0.1": "gzip", "*": "zstd", "*;q=0": "", "zstd;q=0, *": "gzip", "gzip ; q=0.000": "", "gzip;q=1.0, zstd;q=0.999": "gzip",
		"identity;q=0.5, gzip;q=0.5": "gzip",
	} {
		if got := server.ChosenCoding([]string{header}); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", header, got, want)
		}
	}
	if got := server.ChosenCoding([]string{"gzip;q=0.5", "zstd;q=0.1"}); got != "gzip" {
		t.Errorf("in two lines: got %q, want gzip", got)
	}
}

func TestResultCompressed(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, digits := range map[string]string{"in the record": manyDigits[:1501], "in the result store": manyDigits} {
		path, sha := h.stored(len(digits), digits), resultOf(digits).SHA256
		for coding, tag := range map[string]string{"zstd": `"` + sha + `-zstd"`, "gzip": `"` + sha + `-gzip"`, "identity": `"` + sha + `"`} {
			t.Run(name+", "+coding, func(t *testing.T) {
				t.Parallel()
				h := h.in(t)
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					r := h.want(h.do(method, path, "", header{"Accept-Encoding": coding}), http.StatusOK)
					want := header{"Etag": tag, "Vary": "Accept-Encoding", "Content-Encoding": coding, "Content-Type": "text/plain; charset=us-ascii"}
					if coding == "identity" {
						want["Content-Encoding"] = ""
					}
					for name, value := range want {
						if got := r.Header.Get(name); got != value {
							t.Errorf("%s: %s is %q, want %q", method, name, got, value)
						}
					}
					whole := coding == "identity"
					if got := r.Header.Get("Repr-Digest") != ""; got != whole {
						t.Errorf("%s: there is a Repr-Digest: %v, want %v", method, got, whole)
					}
					if method == http.MethodGet && unpack(t, coding, r.body) != digits {
						t.Errorf("the digits are not the same after unpacking")
					}
					if method == http.MethodGet && !whole && len(r.body) > len(digits)*6/10 {
						t.Errorf("%d bytes for %d digits", len(r.body), len(digits))
					}
				}
				for _, accept := range []string{coding, "identity"} { // whoever has it, has it
					r := h.want(h.get(path, header{"If-None-Match": `"x", ` + tag, "Accept-Encoding": accept}), http.StatusNotModified)
					if got := r.Header.Get("ETag"); got != tag {
						t.Errorf("304 with the ETag %s, want the client's own %s", got, tag)
					}
				}
				h.want(h.get(path, header{"If-Match": tag}), http.StatusOK)
				h.wantRefusal(h.get(path, header{"If-Match": `"other", W/` + tag}), refusal{http.StatusPreconditionFailed, "precondition-failed", nil, "ETag"})
			})
		}
	}
}

func TestRangesAreNeverCompressed(t *testing.T) {
	t.Parallel()
	h := start(t)
	path, sha := h.stored(len(manyDigits), manyDigits), resultOf(manyDigits).SHA256
	for name, tt := range map[string]struct {
		header header
		status int
		body   string
	}{
		"range":                         {header{"Range": "bytes=5-9"}, 206, manyDigits[5:10]},
		"If-Range of the digits":        {header{"Range": "bytes=5-9", "If-Range": `"` + sha + `"`}, 206, manyDigits[5:10]},
		"If-Range of a compressed body": {header{"Range": "bytes=5-9", "If-Range": `"` + sha + `-zstd"`}, 200, manyDigits},
		"several ranges":                {header{"Range": "bytes=5-9,11-12"}, 200, manyDigits},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			tt.header["Accept-Encoding"] = "zstd, gzip"
			r := h.want(h.get(path, tt.header), tt.status)
			if diff := cmp.Diff([]string{tt.body, "", `"` + sha + `"`, "Accept-Encoding"},
				[]string{string(r.body), r.Header.Get("Content-Encoding"), r.Header.Get("ETag"), r.Header.Get("Vary")}); diff != "" {
				t.Errorf("body, Content-Encoding, ETag and Vary (-want +got):\n%s", diff)
			}
		})
	}
	small := h.stored(3, "123")
	if got := h.get(small, header{"Accept-Encoding": "zstd"}).Header.Get("Content-Encoding"); got != "" {
		t.Errorf("three digits are sent as %s", got)
	}
	if r := h.want(h.do(http.MethodHead, path, "", header{"Range": "bytes=0-9"}), http.StatusOK); r.Header.Get("Content-Range") != "" {
		t.Errorf("HEAD has a range: %v", r.Header)
	}
}

func TestFewAnswersAreCompressedAtATime(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := h.stored(len(manyDigits), manyDigits)
	give := h.server.TakeCompressions()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r := h.want(h.do(method, path, "", header{"Accept-Encoding": "zstd"}), http.StatusOK)
		if r.Header.Get("Content-Encoding") != "" || r.Header.Get("Repr-Digest") == "" || r.Header.Get("Vary") == "" {
			t.Errorf("%s without a slot: %v", method, r.Header)
		}
	}
	give()
	for range 10 { // slots come back
		if r := h.get(path, header{"Accept-Encoding": "zstd"}); r.Header.Get("Content-Encoding") != "zstd" {
			t.Fatalf("with slots: %v", r.Header)
		}
	}
}

func TestCompressedAnswerThatBreaksOffIsNotWhole(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Results = breakingResults{o.Results} })
	path := h.stored(len(manyDigits), manyDigits)
	for _, coding := range []string{"zstd", "gzip", "identity"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", coding)
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: an answer that broke off looks whole", coding)
		}
	}
	if got := len(h.lines("digits cannot be read")); got != 3 {
		t.Errorf("%d lines in the log, want 3", got)
	}
}

// breakingResults has a disk with a bad block.
type breakingResults struct{ server.Results }

func (b breakingResults) Reader(ctx context.Context, key string, size int64) (io.ReadSeekCloser, error) {
	r, err := b.Results.Reader(ctx, key, size)
	return &breakingReader{r, 0}, err
}

type breakingReader struct {
	io.ReadSeekCloser
	read int
}

func (b *breakingReader) Read(p []byte) (int, error) {
	if b.read > 3000 {
		return 0, errors.New("bad block")
	}
	n, err := b.ReadSeekCloser.Read(p[:min(len(p), 1000)])
	b.read += n
	return n, err
}

package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// Results whose digits are known come through HTTP exactly, whole and in parts, and every digest of them agrees.
func TestKnownDigits(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	tests := []struct {
		function, args, sha256 string
	}{
		{"fibonacci", "n=1000000", "aef6e8c19df607aa"},
		{"factorial", "n=100000", "820239691ef9b488"},
		{"fibonacci-sum", "n=1000000", "cec9b5b4a42e5c42"},
		{"ackermann", "m=4 n=2", "daeafdfae592d817"},
	}
	for _, tt := range tests {
		t.Run(tt.function, func(t *testing.T) {
			t.Parallel()
			j := await(t, c, submit(t, c, tt.function, tt.args).ID, job.Succeeded, platformtest.Patience)
			whole := request(t, c, http.MethodGet, *j.Links.Result, "")
			sum := sha256.Sum256(whole.Body)
			if got := hexSHA256(whole.Body); !strings.HasPrefix(got, tt.sha256) || got != j.Result.SHA256 {
				t.Errorf("the digits have SHA-256 %s, the job says %s; want %s…", got, j.Result.SHA256, tt.sha256)
			}
			if got, want := whole.Header.Get("Repr-Digest"), "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":"; got != want {
				t.Errorf("Repr-Digest is %q, want %q", got, want)
			}
			if got, want := whole.Header.Get("Content-Length"), strconv.Itoa(len(whole.Body)); got != want || *j.Result.Digits != want {
				t.Errorf("Content-Length is %s and the job has %s digits, want %s", got, *j.Result.Digits, want)
			}
			if !bytes.HasPrefix(whole.Body, []byte(*j.Result.Leading)) || !bytes.HasSuffix(whole.Body, []byte(*j.Result.Trailing)) {
				t.Errorf("the job begins with %s and ends with %s, the digits with %s and %s", *j.Result.Leading, *j.Result.Trailing,
					whole.Body[:20], whole.Body[len(whole.Body)-20:])
			}
			checkRanges(t, c, j, whole.Body)
		})
	}
}

// checkRanges reads parts of a result and compares them with the whole.
func checkRanges(t *testing.T, c *platformtest.Client, j api.Job, whole []byte) {
	t.Helper()
	path, size := *j.Links.Result, len(whole)
	for header, want := range map[string][]byte{
		"bytes=0-999":    whole[:1000],
		"bytes=-1000":    whole[size-1000:],
		"bytes=5000-":    whole[5000:],
		"bytes=-9999999": whole,
	} {
		r := request(t, c, http.MethodGet, path, "", "Range", header)
		if r.Status != http.StatusPartialContent || !bytes.Equal(r.Body, want) {
			t.Errorf("%s gives %d with %d bytes, want 206 with %d of the whole", header, r.Status, len(r.Body), len(want))
		}
	}
	r := request(t, c, http.MethodGet, path, "", "Range", "bytes="+strconv.Itoa(size)+"-")
	var p api.Problem
	if err := r.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if r.Status != http.StatusRequestedRangeNotSatisfiable || p.Type != "/problems/range-not-satisfiable" || !strings.Contains(p.Detail, strconv.Itoa(size)) {
		t.Errorf("a range past the end: got %s, want a problem that says how many digits there are", r)
	}
	if got, want := r.Header.Get("Content-Range"), "bytes */"+strconv.Itoa(size); got != want {
		t.Errorf("a range past the end: Content-Range is %q, want %q", got, want)
	}
}

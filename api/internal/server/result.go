package server

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

// getResult hands over the digits and nothing but the digits: the byte offset is the digit's offset.
func (s *Server) getResult(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	rec, err := s.read(r.Context(), owner(r), id)
	if err != nil {
		return err
	}
	if rec.State != job.Succeeded {
		return refuseResult(rec)
	}
	if rec.Result == nil {
		return refuse(resultExpired, "The digits are no longer kept. Submit the job again to compute them anew.")
	}
	digits, err := s.openDigits(r.Context(), rec)
	if err != nil {
		return err
	}
	defer func() { _ = digits.Close() }() // it was only read
	return s.serveDigits(w, r, rec, digits)
}

func refuseResult(rec store.Record) error {
	switch rec.State {
	case job.Failed:
		detail := "The job has failed, so there are no digits."
		if rec.Failure != nil {
			detail += " " + rec.Failure.Detail
		}
		return refuse(resultNotReady, "%s", detail)
	case job.Cancelled, job.Expired:
		return refuse(resultNotReady, "The job is %s, so there are no digits. Submit it again to compute them.", rec.State)
	default:
		e := refuse(resultNotReady, "The job is %s. Wait until it has succeeded, for example with GET %s and Prefer: wait=30.", rec.State, selfLink(rec.ID))
		e.header = http.Header{"Retry-After": {"1"}}
		return e
	}
}

// openDigits hides where the digits are: few of them stand in the record itself.
func (s *Server) openDigits(ctx context.Context, rec store.Record) (io.ReadSeekCloser, error) {
	if rec.Result.Blob != "" {
		return s.Results.Reader(ctx, rec.Result.Blob, rec.Result.Digits)
	}
	limited, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	digits, err := s.Records.Digits(limited, rec.Fingerprint)
	if err != nil {
		return nil, err
	}
	if int64(len(digits)) != rec.Result.Digits {
		return nil, fmt.Errorf("digits of %s: the record holds %d of %d", rec.ID, len(digits), rec.Result.Digits)
	}
	return inline{strings.NewReader(digits)}, nil
}

type inline struct{ *strings.Reader }

// Close has nothing to do.
func (inline) Close() error { return nil }

func (s *Server) serveDigits(w http.ResponseWriter, r *http.Request, rec store.Record, digits io.ReadSeeker) error {
	sum, err := hex.DecodeString(rec.Result.SHA256)
	if err != nil {
		return fmt.Errorf("digest of %s: %w", rec.ID, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=us-ascii")
	h.Set("ETag", `"`+rec.Result.SHA256+`"`)
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(rec.Spec)+`"`)
	h.Set("Cache-Control", "private, max-age=604800, immutable")
	simplifyRange(r.Header, rec.Result.Digits)
	out := &rangeWriter{ResponseWriter: w}
	in := &watchedReader{ReadSeeker: digits}
	http.ServeContent(out, r, "", time.Time{}, in)
	if in.err != nil {
		// The length is announced already, so that the client sees an answer that broke off.
		s.Logger.ErrorContext(telemetry.WithJob(r.Context(), string(rec.ID)), "digits cannot be read",
			slog.String("request_id", requestID(r)), slog.Any("error", in.err))
	}
	if out.refused {
		for _, name := range []string{"ETag", "Repr-Digest", "Content-Disposition", "Accept-Ranges"} {
			h.Del(name)
		}
		e := refuse(unsatisfiable, "There are %d digits, and the range %q lies outside of them or cannot be read. The first is at 0: bytes=0-999 are the first thousand.",
			rec.Result.Digits, shorten(r.Header.Get("Range")))
		e.header = http.Header{"Content-Range": {fmt.Sprintf("bytes */%d", rec.Result.Digits)}}
		return e
	}
	return nil
}

// simplifyRange leaves one range of bytes for http.ServeContent. Other units and several ranges at once are answered whole, as the
// standard allows; an empty suffix lies outside.
func simplifyRange(h http.Header, size int64) {
	given := h.Get("Range")
	if given == "" {
		return
	}
	unit, set, _ := strings.Cut(given, "=")
	if !strings.EqualFold(strings.TrimSpace(unit), "bytes") || strings.Contains(set, ",") {
		h.Del("Range")
		return
	}
	set = strings.TrimSpace(set)
	if suffix, ok := strings.CutPrefix(set, "-"); ok && suffix != "" && strings.Trim(suffix, "0") == "" {
		set = decimal(size) + "-"
	}
	h.Set("Range", "bytes="+set)
}

// rangeWriter swallows the plain text with which http.ServeContent refuses a range.
type rangeWriter struct {
	http.ResponseWriter
	refused bool
}

// Unwrap is for http.ResponseController.
func (w *rangeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader passes every status but the refusal.
func (w *rangeWriter) WriteHeader(status int) {
	if w.refused = status == http.StatusRequestedRangeNotSatisfiable; !w.refused {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write passes what is not the refusal's text.
func (w *rangeWriter) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// watchedReader keeps the error that http.ServeContent does not tell.
type watchedReader struct {
	io.ReadSeeker
	err error
}

// Read reads on.
func (r *watchedReader) Read(b []byte) (int, error) {
	n, err := r.ReadSeeker.Read(b)
	if err != nil && err != io.EOF { //nolint:errorlint // a Reader's end is this very value
		r.err = err
	}
	return n, err
}

// fileName names a download after what it is, such as fibonacci-1000000.txt.
func fileName(spec job.Spec) string {
	parts := []string{spec.Function}
	for _, arg := range orderedArgs(spec) {
		if len(arg) > 20 {
			arg = arg[:8] + "..." + arg[len(arg)-8:]
		}
		parts = append(parts, arg)
	}
	return strings.Join(parts, "-") + ".txt"
}

// orderedArgs are the arguments in the order in which they are written.
func orderedArgs(spec job.Spec) []string {
	names := slices.Sorted(maps.Keys(spec.Args))
	if f, ok := function.Lookup(spec.Function); ok {
		names = names[:0]
		for _, p := range f.Parameters {
			names = append(names, p.Name)
		}
	}
	args := make([]string, len(names))
	for i, name := range names {
		args[i] = spec.Args[name]
	}
	return args
}

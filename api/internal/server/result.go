package server

import (
	"cmp"
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
	"numbermill/shared/processors"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

// getResult hands over the digits and nothing but the digits: the byte offset is the digit's offset. Of a method that gives a document it is the document.
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
	if rec.Result == nil || rec.Archived {
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
	limited, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if rec.Result.Blob != "" {
		digits, err := s.Results.Reader(ctx, rec.Result.Blob, rec.Result.Size())
		if job.CodeOf(err) == job.ResultGone {
			s.digitsAreGone(limited, rec)
		}
		return digits, err
	}
	digits, err := s.Records.Digits(limited, rec.Fingerprint)
	if err != nil {
		return nil, err
	}
	if size := rec.Result.Size(); int64(len(digits)) != size {
		return nil, fmt.Errorf("result of %s: the record holds %d of %d bytes", rec.ID, len(digits), size)
	}
	return inline{strings.NewReader(digits)}, nil
}

// digitsAreGone sees to it that the advice to submit the job again helps: the record must not answer with what is no longer there.
func (s *Server) digitsAreGone(ctx context.Context, rec store.Record) {
	ctx = telemetry.WithJob(ctx, string(rec.ID))
	changed, err := s.Records.Vanished(ctx, rec.Fingerprint, rec.Run)
	s.Logger.WarnContext(ctx, "digits are not in the result store", slog.String("blob", rec.Result.Blob), slog.Bool("record_changed", changed),
		slog.Any("error", err))
}

type inline struct{ *strings.Reader }

// Close has nothing to do.
func (inline) Close() error { return nil }

// serveDigits answers with the digits: whole, in part, compressed, or not again.
func (s *Server) serveDigits(w http.ResponseWriter, r *http.Request, rec store.Record, digits io.ReadSeeker) error {
	sum, err := hex.DecodeString(rec.Result.SHA256)
	if err != nil {
		return fmt.Errorf("digest of %s: %w", rec.ID, err)
	}
	tag := tags(rec.Result.SHA256)
	has, err := checkConditions(r.Header, tag)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "private, max-age=604800, immutable")
	if has != "" {
		h.Set("ETag", has)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", rec.Result.Type())
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(rec)+`"`)
	if r.Method == http.MethodHead {
		r.Header.Del("Range") // which means something with GET alone (RFC 9110, 14.2)
	}
	if c := compressible(r, rec.Result.Size()); c != nil && s.compressions.take() {
		defer s.compressions.give()
		if rec.Result.Size() >= longToCompress {
			defer processors.All()()
		}
		h.Set("ETag", tag[0][:len(tag[0])-1]+c.suffix+`"`)
		return s.sendCompressed(w, r, c, rec, digits)
	}
	h.Set("ETag", tag[0])
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	return s.sendPlain(w, r, rec, digits)
}

// sendPlain answers with the digits as they are, or with the range of them that the request names.
func (s *Server) sendPlain(w http.ResponseWriter, r *http.Request, rec store.Record, digits io.ReadSeeker) error {
	simplifyRange(r.Header, rec.Result.Size())
	r.Header.Del("If-Match") // it was looked at, with all tags
	out := &rangeWriter{ResponseWriter: w}
	in := &watchedReader{ReadSeeker: digits}
	http.ServeContent(out, r, "", time.Time{}, in)
	if in.err != nil {
		// The length is announced already, so that the client sees an answer that broke off.
		s.Logger.ErrorContext(telemetry.WithJob(r.Context(), string(rec.ID)), "digits cannot be read",
			slog.String("request_id", requestID(r)), slog.Any("error", in.err))
	}
	if out.refused {
		return refuseRange(w.Header(), r, rec)
	}
	return nil
}

// refuseRange takes the headers of the digits back, and says which ranges there are.
func refuseRange(h http.Header, r *http.Request, rec store.Record) error {
	for _, name := range []string{"ETag", "Repr-Digest", "Content-Disposition", "Accept-Ranges"} {
		h.Del(name)
	}
	what, size := "digits", rec.Result.Size()
	if rec.Result.Type() != job.DigitsType {
		what = "bytes"
	}
	e := refuse(unsatisfiable, "There are %d %s, and the range %q lies outside of them or cannot be read. The first is at 0: bytes=0-999 are the first thousand.",
		size, what, shorten(r.Header.Get("Range")))
	e.header = http.Header{"Content-Range": {fmt.Sprintf("bytes */%d", size)}}
	return e
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
	if first, last, ok := strings.Cut(set, "-"); ok && len(last) > 18 && strings.Trim(last, "0123456789") == "" {
		set = cmp.Or(first, "0") + "-" // beyond the end is up to the end (RFC 9110, 14.1.2), also where it does not fit into 64 bits
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

// fileName names a download after what it is, such as fibonacci-1000000.txt or ackermann-4-3-facts.json.
func fileName(rec store.Record) string {
	parts := []string{rec.Spec.Function}
	for _, arg := range orderedArgs(rec.Spec) {
		if len(arg) > 20 {
			arg = arg[:8] + "..." + arg[len(arg)-8:]
		}
		parts = append(parts, arg)
	}
	ending := ".txt"
	if rec.Result.Type() == job.DocumentType {
		ending = "-" + rec.Spec.Method + ".json"
	}
	return strings.Join(parts, "-") + ending
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

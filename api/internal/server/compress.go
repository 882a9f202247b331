package server

import (
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

const (
	// mostCompressions is how many answers are compressed at a time; what comes beyond goes out as it is.
	mostCompressions = 4
	// leastCompressed is from how many bytes on compression is worth its while: less fits into one packet anyway.
	leastCompressed = 1400
	// longToCompress is from how many bytes on that takes milliseconds.
	longToCompress = 1 << 20
	// compressionWindow is how far back zstd looks. Digits hardly repeat, so that more would cost memory and gain nothing.
	compressionWindow = 32 << 10
)

// coding is a way to compress an answer, with the suffix that sets its ETag apart from that of the plain one.
type coding struct {
	name, suffix string
	start        func(io.Writer) (io.WriteCloser, error)
}

// codings are the ones that are offered, the better first.
var codings = []coding{
	{"zstd", "-zstd", func(w io.Writer) (io.WriteCloser, error) {
		// Digits have no repetitions to find, only ten symbols: all is won by coding these, which the fastest level else leaves out.
		return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithAllLitEntropyCompression(true),
			zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(compressionWindow))
	}},
	{"gzip", "-gzip", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.HuffmanOnly) }},
}

// chooseCoding is the coding that the client likes best (RFC 9110, 12.5.3), or nil for none. Where it likes two the same, or does not say
// how much it likes an answer as it is, the more compressed one counts.
func chooseCoding(headers []string) *coding {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "x-")
		q := strings.ToLower(strings.ReplaceAll(params, " ", ""))
		weights[name] = quality(strings.TrimPrefix(q, "q="))
	}
	best, most := (*coding)(nil), weights["identity"]
	for i := range codings {
		q, named := weights[codings[i].name]
		if !named {
			q = weights["*"]
		}
		if q > 0 && (q > most || best == nil && q == most) {
			best, most = &codings[i], q
		}
	}
	return best
}

// slots bounds how many answers are compressed at a time.
type slots chan struct{}

// take returns whether there was a slot; give it back.
func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) give() { <-s }

// compressible tells how to compress the answer to a request, or nil. A part of the digits never is compressed: its bytes count in the
// whole that the client has.
func compressible(r *http.Request, size int64) *coding {
	if r.Header.Get("Range") != "" || size < leastCompressed {
		return nil
	}
	return chooseCoding(r.Header.Values("Accept-Encoding"))
}

// sendCompressed answers with the digits in a coding. How long that is nobody knows before it is done, so an answer that breaks off has to
// break the connection.
func (s *Server) sendCompressed(w http.ResponseWriter, r *http.Request, c *coding, rec store.Record, digits io.Reader) error {
	h := w.Header()
	h.Set("Content-Encoding", c.name)
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	out := &watchedWriter{Writer: w}
	z, err := c.start(out)
	if err != nil {
		h.Del("Content-Encoding")
		return err
	}
	w.WriteHeader(http.StatusOK)
	if _, err = io.Copy(z, digits); err == nil {
		err = z.Close()
	}
	if err == nil || out.failed {
		return nil // done, or the client is gone
	}
	s.Logger.ErrorContext(telemetry.WithJob(r.Context(), string(rec.ID)), "digits cannot be read",
		slog.String("request_id", requestID(r)), slog.Any("error", err))
	panic(http.ErrAbortHandler)
}

// watchedWriter notes whether it was the writing that failed.
type watchedWriter struct {
	io.Writer
	failed bool
}

// Write writes on.
func (w *watchedWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	w.failed = w.failed || err != nil
	return n, err
}

// tags are the ETags of a result: of the digits as they are, and of each coding.
func tags(sha string) []string {
	all := []string{`"` + sha + `"`}
	for _, c := range codings {
		all = append(all, `"`+sha+c.suffix+`"`)
	}
	return all
}

// checkConditions looks at If-Match and If-None-Match. Whoever has the digits in any coding has them, so that every tag counts. It returns
// the tag that the client has, or an error if the client wants other digits than these.
func checkConditions(h http.Header, tags []string) (has string, err error) {
	if given := h.Get("If-Match"); given != "" {
		strong := strings.ReplaceAll(given, "W/", "weak:")
		if !slices.ContainsFunc(tags, func(tag string) bool { return etagMatches(strong, tag) }) {
			return "", refuse(changed, "If-Match names %s, and the result has the ETag %s. Results never change: take the job's own.", shorten(given), tags[0])
		}
	}
	if given := h.Get("If-None-Match"); given != "" {
		if i := slices.IndexFunc(tags, func(tag string) bool { return etagMatches(given, tag) }); i >= 0 {
			return tags[i], nil
		}
	}
	return "", nil
}

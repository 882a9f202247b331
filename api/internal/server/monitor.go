package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// monitorPatience is how long Redis may take to show that it was not its fault.
	monitorPatience = time.Second
	// mostOfFault is how much of the monitor's own words goes into the log.
	mostOfFault = 1 << 10
)

func (s *Server) redirectToMonitor(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, MonitorPath+"/", http.StatusPermanentRedirect)
	return nil
}

// showMonitor keeps the monitor out of frames of other sites: its buttons act. What it says when it fails is for programmers, so that
// people get other words: as plain text, since its page shows them as they are.
func (s *Server) showMonitor(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("X-Frame-Options", "DENY")
	out := &faultWriter{ResponseWriter: w}
	s.Monitor.ServeHTTP(out, r)
	if !out.failed {
		return nil
	}
	fault := strings.TrimSpace(out.text.String())
	status, says := http.StatusInternalServerError, "The web monitor has failed. Load the page again; if it happens again, report it with the request id "+requestID(r)+"."
	if !s.redisAnswers(r.Context()) {
		status, says = http.StatusServiceUnavailable, "Redis does not answer, so there is nothing to show at the moment. Jobs that were accepted are safe; try again in a moment."
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter[unavailable]))
	}
	s.Logger.WarnContext(r.Context(), "web monitor failed", slog.String("request_id", requestID(r)), slog.String("error", fault))
	h := w.Header()
	h.Del("Content-Encoding")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(says)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, says) //nolint:gosec // plain text, and ids are checked; a client that is gone needs no words
	return nil
}

func (s *Server) redisAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, monitorPatience)
	defer cancel()
	return s.Redis.Ping(ctx).Err() == nil
}

// faultWriter holds back an answer with status 500 or more.
type faultWriter struct {
	http.ResponseWriter
	failed bool
	text   bytes.Buffer
}

// Unwrap is for http.ResponseController.
func (w *faultWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader passes every status but a failure.
func (w *faultWriter) WriteHeader(status int) {
	if w.failed = status >= http.StatusInternalServerError; !w.failed {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write passes every body but that of a failure, whose beginning is kept.
func (w *faultWriter) Write(b []byte) (int, error) {
	if !w.failed {
		return w.ResponseWriter.Write(b)
	}
	w.text.Write(b[:min(len(b), max(0, mostOfFault-w.text.Len()))])
	return len(b), nil
}

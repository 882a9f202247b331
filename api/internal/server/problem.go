package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"numbermill/api"
	"numbermill/shared/job"
)

// ofCode are the kinds of the errors that the shared packages tell people of.
var ofCode = map[job.Code]kind{
	job.NotFound: notFound, job.NotCancellable: notCancellable, job.Active: jobActive, job.QuotaExceeded: quotaExceeded,
	job.BadPageToken: badPageToken, job.Unavailable: unavailable, job.ResultGone: resultExpired, job.KeyInProgress: idempotencyInProgress,
	job.KeyReused: idempotencyKeyReused, job.Poisoned: computationRefused,
}

// retryAfter is in how many seconds it is worth trying again, for the kinds that pass by themselves.
var retryAfter = map[kind]int{quotaExceeded: 10, unavailable: 2, idempotencyInProgress: 1}

// refusal is an error with its problem document.
type refusal struct {
	kind   kind
	detail string
	// fields, header and extend may be nil.
	fields []api.FieldError
	header http.Header
	extend func(*api.Problem)
}

// Error is for logs; people get the document.
func (e *refusal) Error() string { return e.kind.name + ": " + e.detail }

func refuse(k kind, format string, args ...any) *refusal {
	return &refusal{kind: k, detail: fmt.Sprintf(format, args...)}
}

func refusePath(r *http.Request) error {
	return refuse(notFound, "There is nothing at %s. /openapi.yaml lists what there is.", shorten(r.URL.Path))
}

func refuseMethod(r *http.Request, allowed []string) error {
	e := refuse(methodNotAllowed, "%s does not take %s. It takes %s.", shorten(r.URL.Path), shorten(r.Method), strings.Join(allowed, ", "))
	e.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return e
}

// asRefusal translates every error that a handler can return.
func asRefusal(err error) *refusal {
	if e, ok := errors.AsType[*refusal](err); ok {
		return e
	}
	if e, ok := errors.AsType[*job.Error](err); ok {
		if k := ofCode[e.Code]; k == unavailable {
			return refuse(k, "Redis does not answer as it should. Nothing was lost; try again in a moment.")
		} else if k != (kind{}) {
			return refuse(k, "%s", e.Detail)
		}
	}
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(tooLarge, "A request body may have %d bytes at most.", e.Limit)
	}
	if errors.Is(err, context.Canceled) { // the client went away, or the server stops: hardly anybody reads this
		return refuse(unavailable, "The request was broken off. Try again.")
	}
	return refuse(internal, "This is not your doing. Try again; if it happens again, report it with the request id.")
}

// fail answers with the problem of err, and logs what a person has to look into.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := asRefusal(err)
	s.counters.refuse(r, e)
	tellFailure(trace.SpanFromContext(r.Context()), err)
	if errors.Is(err, context.Canceled) {
		s.Logger.DebugContext(r.Context(), "request broken off", slog.String("request_id", requestID(r)))
	} else if e.kind.status >= http.StatusInternalServerError {
		s.Logger.ErrorContext(r.Context(), "request failed", slog.String("request_id", requestID(r)), slog.Any("error", err))
	}
	h := w.Header()
	maps.Copy(h, e.header)
	if seconds, ok := retryAfter[e.kind]; ok && e.header.Get("Retry-After") == "" {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	p := api.Problem{
		Type: "/problems/" + e.kind.name, Title: e.kind.title, Status: e.kind.status, Detail: e.detail,
		RequestID: requestID(r), Errors: e.fields,
	}
	if path := r.URL.EscapedPath(); len(path) <= longestEcho {
		p.Instance = path
	}
	if e.extend != nil {
		e.extend(&p)
	}
	h.Set("Cache-Control", "no-store")
	s.write(w, r, e.kind.status, api.ProblemType, p)
}

// longestEcho is how many bytes of a request are repeated in an answer.
const longestEcho = 200

// shorten cuts what a client wrote to what fits into a sentence.
func shorten(text string) string {
	if len(text) <= longestEcho {
		return text
	}
	return strings.ToValidUTF8(text[:longestEcho], "") + "…"
}

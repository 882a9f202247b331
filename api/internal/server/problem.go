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

	"numbermill/api"
	"numbermill/shared/job"
)

// kind is one problem type: the last part of its type URI, its title and its status.
type kind struct {
	name   string
	title  string
	status int
}

var (
	malformed         = kind{"malformed", "The request cannot be read", http.StatusBadRequest}
	badPageToken      = kind{string(job.BadPageToken), "The page token is not valid", http.StatusBadRequest}
	crossOrigin       = kind{"forbidden", "Requests from other sites are refused", http.StatusForbidden}
	notFound          = kind{string(job.NotFound), "Not found", http.StatusNotFound}
	methodNotAllowed  = kind{"method-not-allowed", "The method does not apply here", http.StatusMethodNotAllowed}
	notAcceptable     = kind{"not-acceptable", "No acceptable representation", http.StatusNotAcceptable}
	resultNotReady    = kind{"result-not-ready", "There are no digits", http.StatusConflict}
	notCancellable    = kind{string(job.NotCancellable), "The job has ended", http.StatusConflict}
	jobActive         = kind{string(job.Active), "The job has not ended", http.StatusConflict}
	resultExpired     = kind{string(job.ResultGone), "The digits are gone", http.StatusGone}
	tooLarge          = kind{"body-too-large", "The body is too large", http.StatusRequestEntityTooLarge}
	unsupportedMedia  = kind{"unsupported-media-type", "The body is not JSON", http.StatusUnsupportedMediaType}
	unsatisfiable     = kind{"range-not-satisfiable", "The range lies outside the digits", http.StatusRequestedRangeNotSatisfiable}
	misdirected       = kind{"misdirected-request", "The host is not served here", http.StatusMisdirectedRequest}
	invalidArguments  = kind{"invalid-arguments", "Something in the request is not valid", http.StatusUnprocessableEntity}
	costLimitExceeded = kind{"cost-limit-exceeded", "The computation is over the limit", http.StatusUnprocessableEntity}
	notRepresentable  = kind{"not-representable", "The result cannot be written down", http.StatusUnprocessableEntity}
	quotaExceeded     = kind{string(job.QuotaExceeded), "Too many active jobs", http.StatusTooManyRequests}
	internal          = kind{"internal", "Something is broken on this side", http.StatusInternalServerError}
	unavailable       = kind{string(job.Unavailable), "Not at the moment", http.StatusServiceUnavailable}
)

// ofCode are the kinds of the errors that the shared packages tell people of.
var ofCode = map[job.Code]kind{
	job.NotFound: notFound, job.NotCancellable: notCancellable, job.Active: jobActive, job.QuotaExceeded: quotaExceeded,
	job.BadPageToken: badPageToken, job.Unavailable: unavailable, job.ResultGone: resultExpired,
}

// retryAfter is in how many seconds it is worth trying again, for the kinds that pass by themselves.
var retryAfter = map[kind]int{quotaExceeded: 10, unavailable: 2}

// refusal is an error with its problem document.
type refusal struct {
	kind   kind
	detail string
	// fields, header and extend may be nil.
	fields []api.FieldError
	header http.Header
	extend func(*api.Problem)
}

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
	if errors.Is(err, context.Canceled) {
		s.Logger.DebugContext(r.Context(), "request broken off", slog.String("request_id", requestID(r)))
	} else if e.kind.status >= http.StatusInternalServerError {
		s.Logger.ErrorContext(r.Context(), "request failed", slog.String("request_id", requestID(r)), slog.Any("error", err))
	}
	h := w.Header()
	maps.Copy(h, e.header)
	if seconds, ok := retryAfter[e.kind]; ok {
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

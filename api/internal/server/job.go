package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"numbermill/api"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
)

// jobID reads the id in the path. One that cannot be a job's is not found, like one that is nobody's.
func jobID(r *http.Request) (job.ID, error) {
	text := mux.Vars(r)["id"]
	id, ok := job.ParseID(text)
	if !ok {
		return "", refuse(notFound, "There is no job %q. An id looks like job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b.", shorten(text))
	}
	infoOf(r.Context()).job = id
	return id, nil
}

func selfLink(id job.ID) string { return "/v1/jobs/" + string(id) }

// jobETag changes with the job and its progress. It is a weak one: what is ahead of the job in its queue does not change it.
func jobETag(rec store.Record) string {
	return `W/"` + decimal(rec.Version) + "-" + decimal(rec.Reports) + `"`
}

// etagMatches tells whether an If-None-Match header names the tag, compared weakly (RFC 9110, 13.1.2).
func etagMatches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" || part == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

func (s *Server) answerJob(w http.ResponseWriter, r *http.Request, status int, rec store.Record) error {
	describeVersion(w.Header(), rec)
	return s.answer(w, r, status, s.placed(r.Context(), rec))
}

// placed is the job with its place in the queue, which costs a question for one that waits.
func (s *Server) placed(ctx context.Context, rec store.Record) api.Job {
	d := s.document(rec)
	if rec.State == job.Queued {
		d.Queue.Position, d.Queue.WaitEstimateSeconds = s.place(ctx, rec, d.Queue.Name)
	}
	return d
}

// place asks where a job stands in the queue of this name. Not to know is no reason to refuse the rest.
func (s *Server) place(ctx context.Context, rec store.Record, name string) (position *string, wait *api.Seconds) {
	ctx, cancel := context.WithTimeout(ctx, placeTimeout)
	defer cancel()
	ahead, known, err := s.Queue.Position(ctx, store.Run{Fingerprint: rec.Fingerprint, ID: rec.Run, Queue: name})
	if err != nil {
		s.Logger.DebugContext(ctx, "place in the queue not known", slog.Any("error", err))
	}
	if err != nil || !known {
		return nil, nil
	}
	return new(decimal(ahead)), s.Fleet.waitBehind(name, ahead)
}

// arrived is a job that was submitted just now. Its place would cost a question, and what is known of the queue is some seconds old.
func (s *Server) arrived(rec store.Record) api.Job {
	d := s.document(rec)
	if rec.State == job.Queued {
		d.Queue.WaitEstimateSeconds = s.Fleet.waitOf(job.ClassOf(rec.EstimatedCost), d.Priority)
	}
	return d
}

// placeTimeout is how long an answer waits to learn a job's place in the queue.
const placeTimeout = time.Second

// describeVersion says which version this is and when to ask for the next.
func describeVersion(h http.Header, rec store.Record) {
	h.Set("ETag", jobETag(rec))
	if !rec.State.Terminal() {
		h.Set("Retry-After", decimal(min(max(rec.EstimatedCost/10_000, 1), 10)))
	}
}

func (s *Server) document(rec store.Record) api.Job {
	d := api.Job{
		ID: rec.ID, State: rec.State, Function: rec.Spec.Function, Args: rec.Spec.Args, Method: rec.Spec.Method,
		Labels: rec.Labels, Owner: rec.Owner,
		CreatedAt: rec.CreatedAt, StartedAt: known(rec.StartedAt), FinishedAt: known(rec.FinishedAt),
		Attempt: rec.Attempt, MaxAttempts: rec.MaxAttempts, Version: decimal(rec.Version), TraceID: rec.TraceID,
		Queue: queueOf(rec), Progress: progress(rec), Result: summary(rec),
		Cost:     api.Cost{Estimated: decimal(rec.EstimatedCost), Unit: costUnit},
		Priority: cmp.Or(rec.Priority, job.Standard), RunAt: known(rec.RunAt), Deadline: known(rec.Deadline),
		Links: api.JobLinks{
			Self: selfLink(rec.ID), Events: *link(rec.ID, "/events"), Attempts: *link(rec.ID, "/attempts"), Logs: *link(rec.ID, "/logs"),
			Trace: s.traceLink(rec), LogSearch: s.logSearchLink(rec),
		},
	}
	if rec.RetryOf != "" {
		d.RetryOf = &rec.RetryOf
	}
	if rec.Batch != "" {
		d.Batch = &rec.Batch
	}
	if d.Labels == nil {
		d.Labels = map[string]string{}
	}
	if !rec.FinishedAt.IsZero() {
		d.ExpiresAt = known(rec.FinishedAt.Add(s.Retention))
	}
	if rec.State.Terminal() {
		d.Links.Retry = link(rec.ID, "/retry")
	} else {
		d.Links.Cancel = link(rec.ID, "/cancel")
	}
	if rec.Result != nil {
		actual := decimal(rec.Result.CPUMillis)
		d.Cost.Actual = &actual
		if !rec.Archived {
			d.Links.Result = link(rec.ID, "/result")
		}
	}
	if rec.Failure != nil {
		d.Error = &api.JobError{Code: rec.Failure.Code, Detail: rec.Failure.Detail}
	}
	return d
}

// queueOf is the queue of a job: that of its computation, if it has joined another's. One that runs waits no longer.
func queueOf(rec store.Record) api.JobQueue {
	q := api.JobQueue{Name: rec.Queue}
	if rec.Run == rec.ComputationRun && rec.WaitsIn != "" {
		q.Name = rec.WaitsIn
	}
	if q.Name == "" {
		q.Name = queue.Name(job.ClassOf(rec.EstimatedCost), rec.Priority) // of a record from before there were several
	}
	if rec.State == job.Running {
		q.Position, q.WaitEstimateSeconds = new("0"), &api.Seconds{0, 0}
	}
	return q
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func link(id job.ID, rest string) *string {
	l := selfLink(id) + rest
	return &l
}

func progress(rec store.Record) *api.Progress {
	p := rec.Progress
	if p == nil {
		return nil
	}
	percent := p.Percent
	return &api.Progress{
		Phase: p.Phase, PhaseIndex: p.PhaseIndex, PhaseCount: p.PhaseCount, Percent: &percent, Detail: p.Detail,
		ETASeconds: remaining(p.UpdatedAt.Sub(rec.StartedAt), percent), UpdatedAt: p.UpdatedAt,
	}
}

// remaining tells how long an attempt still takes from how long it took so far. It is nil as long as that says nothing.
func remaining(elapsed time.Duration, percent float64) *api.Seconds {
	if percent < 5 || percent > 100 || elapsed < 500*time.Millisecond {
		return nil
	}
	left := elapsed.Seconds() * (100 - percent) / percent
	return &api.Seconds{round(left * 0.7), round(left * 1.5)}
}

func round(seconds float64) float64 {
	return float64(int64(seconds*10+0.5)) / 10
}

func summary(rec store.Record) *api.Result {
	r := rec.Result
	if r == nil {
		return nil
	}
	shown := &api.Result{
		MediaType: r.Type(), Bytes: decimal(r.Size()), SHA256: r.SHA256, Cache: rec.Cache, TimingMS: r.Timing,
		Verification: api.Verification{
			Status: "passed", Method: r.Verification.Method,
			Moduli: job.Decimal(r.Verification.Moduli), Residues: job.Decimal(r.Verification.Residues),
		},
	}
	if r.Calls > 0 {
		shown.Calls = new(strconv.FormatUint(r.Calls, 10))
	}
	if r.Type() == job.DigitsType {
		shown.Digits, shown.TrailingZeros = new(decimal(r.Digits)), new(decimal(r.TrailingZeros))
		shown.Leading, shown.Trailing, shown.Scientific = &r.Leading, &r.Trailing, new(scientific(r.Leading, r.Digits))
	}
	return shown
}

// scientific writes a number with up to eleven digits and its exponent, such as 4.7371034734e20898763. It cuts rather than
// rounds, so that what it shows are digits of the number.
func scientific(leading string, digits int64) string {
	shown := leading[:min(len(leading), 11)]
	if len(shown) < 2 {
		return shown + "e" + strconv.FormatInt(digits-1, 10)
	}
	return shown[:1] + "." + shown[1:] + "e" + strconv.FormatInt(digits-1, 10)
}

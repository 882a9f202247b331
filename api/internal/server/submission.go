package server

import (
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"numbermill/shared/job"
)

const (
	mostAttempts       = 10
	defaultMaxAttempts = 3
	// longestDeadline and furthestAhead bound how far ahead a job may reach.
	longestDeadline = 30 * 24 * time.Hour
	furthestAhead   = 366 * 24 * time.Hour
)

// submission is a computation with what a job has beside it.
type submission struct {
	computation

	labels      map[string]string
	maxAttempts int
	priority    job.Priority
	// deadline is how long after its submission the job expires; 0 for never.
	deadline time.Duration
	// runAt is when to begin; zero for at once.
	runAt   time.Time
	retryOf job.ID
}

// jobMembers are the members of a JobRequest.
var jobMembers = []string{"function", "args", "method", "labels", "max_attempts", "priority", "deadline_seconds", "run_at"}

func (s *Server) readSubmission(w http.ResponseWriter, r *http.Request) (submission, error) {
	o, err := s.readObject(w, r)
	if err != nil {
		return submission{}, err
	}
	f := &fields{object: o}
	c := f.submission()
	if err := f.err(); err != nil {
		return submission{}, err
	}
	after, err := readCancelAfter(r.Header)
	if after > 0 && (c.deadline == 0 || after < c.deadline) {
		c.deadline = after
	}
	return c, err
}

func (f *fields) submission() submission {
	f.known(jobMembers...)
	return submission{
		computation: f.computation(), labels: f.labels(), maxAttempts: f.maxAttempts(), priority: f.priority(),
		deadline: f.deadline(), runAt: f.runAt(),
	}
}

// canonical is what makes two submissions the same, however they were written.
type canonical struct {
	Function    string            `json:"function"`
	Args        map[string]string `json:"args"`
	Method      string            `json:"method"`
	Labels      map[string]string `json:"labels,omitempty"`
	MaxAttempts int               `json:"max_attempts"`
	Priority    job.Priority      `json:"priority"`
	DeadlineMS  int64             `json:"deadline_ms"`
	RunAt       time.Time         `json:"run_at,omitzero"`
}

func (c submission) canonical() canonical {
	return canonical{
		c.function.Name, c.args.Canonical(), c.method, c.labels, c.maxAttempts, c.priority, c.deadline.Milliseconds(), c.runAt,
	}
}

func (f *fields) maxAttempts() int {
	n, given := f.whole("max_attempts", 1, mostAttempts)
	if !given {
		return defaultMaxAttempts
	}
	return n
}

func (f *fields) deadline() time.Duration {
	n, _ := f.whole("deadline_seconds", 1, int(longestDeadline.Seconds()))
	return time.Duration(n) * time.Second
}

// whole reads a member that is a whole number within bounds.
func (f *fields) whole(name string, least, most int) (n int, given bool) {
	v, given := f.values[name]
	if !given {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(v), 64)
	if err != nil || x != math.Trunc(x) || x < float64(least) || x > float64(most) {
		f.add("/"+name, "%s is not a whole number from %d to %d. Send one, or leave it out.", name, least, most)
		return 0, false
	}
	return int(x), true
}

func (f *fields) priority() job.Priority {
	text, ok := f.text("priority")
	if !ok {
		return job.Standard
	}
	p := job.Priority(text)
	if !slices.Contains(job.Priorities(), p) {
		f.add("/priority", "There is no priority %q. Send high, standard or low, or leave it out for standard.", shorten(text))
	}
	return p
}

func (f *fields) runAt() time.Time {
	text, ok := f.text("run_at")
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	switch {
	case err != nil:
		f.add("/run_at", "run_at is not a time: %q. Write it like 2026-01-31T12:00:00Z.", shorten(text))
	case time.Until(t) > furthestAhead:
		f.add("/run_at", "run_at is more than a year ahead. Choose an earlier time.")
	}
	return t.UTC()
}

var cancelAfter = regexp.MustCompile(`^[0-9]{1,7}s?$`)

// readCancelAfter is the time after which the job is to expire; 0 if the header is not there.
func readCancelAfter(h http.Header) (time.Duration, error) {
	given := h.Values("Cancel-After")
	if len(given) == 0 {
		return 0, nil
	}
	most := int(longestDeadline.Seconds())
	n, err := strconv.Atoi(strings.TrimSuffix(given[0], "s"))
	if len(given) > 1 || err != nil || !cancelAfter.MatchString(given[0]) || n < 1 || n > most {
		return 0, refuse(malformed, "The header Cancel-After is %q. Write a number of seconds from 1 to %d, such as 60s.", shorten(strings.Join(given, ", ")), most)
	}
	return time.Duration(n) * time.Second, nil
}

// again is the submission that a job came from, without its times.
func again(rec job.Job) (submission, error) {
	f := &fields{object: specObject(rec.Spec)}
	c := submission{
		computation: f.computation(), labels: rec.Labels, maxAttempts: rec.MaxAttempts, priority: rec.Priority, retryOf: rec.ID,
	}
	if c.priority == "" {
		c.priority = job.Standard
	}
	return c, f.err()
}

// specObject is the object that asks for a computation, so that an old job is checked like a new request: the catalogue may have changed.
func specObject(s job.Spec) object {
	quote := func(text string) jsontext.Value {
		b, err := jsontext.AppendQuote(nil, text)
		if err != nil {
			return jsontext.Value(`""`) // invalid UTF-8, which no record has
		}
		return b
	}
	args := jsontext.Value("{")
	for name, value := range s.Args {
		if len(args) > 1 {
			args = append(args, ',')
		}
		args = append(append(append(args, quote(name)...), ':'), quote(value)...)
	}
	return object{values: map[string]jsontext.Value{
		"function": quote(s.Function), "method": quote(s.Method), "args": append(args, '}'),
	}}
}

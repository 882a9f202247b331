package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
)

func (s *Server) listAttempts(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	rec, err := s.find(ctx, owner(r), id)
	if err != nil {
		return err
	}
	attempts, err := s.Records.Attempts(ctx, rec)
	if err != nil {
		return err
	}
	list := api.AttemptList{Attempts: []api.Attempt{}}
	for _, a := range attempts {
		list.Attempts = append(list.Attempts, attempt(a))
	}
	return s.answer(w, r, http.StatusOK, list)
}

func attempt(a job.AttemptRecord) api.Attempt {
	d := api.Attempt{Number: a.Number, State: a.State, Worker: a.Worker, StartedAt: time.UnixMilli(a.StartedMillis).UTC()}
	if a.EndedMillis != 0 {
		d.EndedAt = new(time.UnixMilli(a.EndedMillis).UTC())
	}
	if a.Failure != nil {
		d.Error = &api.JobError{Code: a.Failure.Code, Detail: a.Failure.Detail}
	}
	return d
}

var logParameters = []string{"after"}

func (s *Server) listLogLines(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	query, err := readQuery(r.URL.RawQuery, logParameters)
	if err != nil {
		return err
	}
	var after int64
	if text := query.Get("after"); text != "" {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || len(text) > 18 {
			return refuse(malformed, "after is not a number of lines: %q. Give the next of an earlier answer, or leave it out.", shorten(text))
		}
		after = int64(n)
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	rec, err := s.find(ctx, owner(r), id)
	if err != nil {
		return err
	}
	lines, next, err := s.Records.Logs(ctx, rec, after)
	if err != nil {
		return err
	}
	list := api.LogList{Lines: []api.LogLine{}, Next: decimal(next)}
	for _, l := range lines {
		list.Lines = append(list.Lines, logLine(l))
	}
	return s.answer(w, r, http.StatusOK, list)
}

func logLine(l job.LogLine) api.LogLine {
	d := api.LogLine{Time: l.Time.UTC(), Level: l.Level, Message: l.Message, Attempt: l.Attempt, Worker: l.Worker, Attributes: l.Attributes}
	if d.Attributes == nil {
		d.Attributes = map[string]string{}
	}
	return d
}

package server

import (
	"fmt"
	"time"

	"numbermill/shared/store"
)

const (
	// traceAt is where Kibana shows a trace.
	traceAt = "/app/apm/link-to/trace/"
	// logsAt is where it searches the log lines of a trace within a time. The data view is one that `numbermill setup` makes.
	logsAt = "/app/discover#/?_g=(time:(from:'%s',to:%s))&_a=(columns:!(service.name,log.level,message)," +
		"dataSource:(dataViewId:'app',type:dataView),query:(language:kuery,query:'trace.id:%%22%s%%22'))"
	// logsAround is how long before and after a job its log lines are looked for.
	logsAround = time.Minute
)

// traceLink is where the job's trace can be looked at; nil without Kibana.
func (s *Server) traceLink(rec store.Record) *string {
	if s.Kibana == "" || rec.TraceID == "" {
		return nil
	}
	return new(s.Kibana + traceAt + rec.TraceID)
}

// logSearchLink is where all log lines of the job's trace can be read, those of the API among them; nil without Kibana.
func (s *Server) logSearchLink(rec store.Record) *string {
	if s.Kibana == "" || rec.TraceID == "" {
		return nil
	}
	moment := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
	until := "now"
	if !rec.FinishedAt.IsZero() {
		until = "'" + moment(rec.FinishedAt.Add(logsAround)) + "'"
	}
	return new(s.Kibana + fmt.Sprintf(logsAt, moment(rec.CreatedAt.Add(-logsAround)), until, rec.TraceID))
}

package server

import (
	"strconv"

	"numbermill/api"
)

// appendJob writes a job as encoding/json does.
func appendJob(b []byte, d *api.Job) []byte {
	b = appendText(append(b, `{"id":`...), d.ID)
	b = appendText(append(b, `,"state":`...), d.State)
	b = appendText(append(b, `,"function":`...), d.Function)
	b = appendTextMap(append(b, `,"args":`...), d.Args)
	b = appendText(append(b, `,"method":`...), d.Method)
	b = appendTextMap(append(b, `,"labels":`...), d.Labels)
	b = appendText(append(b, `,"owner":`...), d.Owner)
	b = appendText(append(b, `,"priority":`...), d.Priority)
	b = appendTime(append(b, `,"created_at":`...), d.CreatedAt)
	b = appendTimeOrNull(append(b, `,"run_at":`...), d.RunAt)
	b = appendTimeOrNull(append(b, `,"started_at":`...), d.StartedAt)
	b = appendTimeOrNull(append(b, `,"finished_at":`...), d.FinishedAt)
	b = appendTimeOrNull(append(b, `,"expires_at":`...), d.ExpiresAt)
	b = appendTimeOrNull(append(b, `,"deadline":`...), d.Deadline)
	b = strconv.AppendInt(append(b, `,"attempt":`...), d.Attempt, 10)
	b = strconv.AppendInt(append(b, `,"max_attempts":`...), int64(d.MaxAttempts), 10)
	b = appendTextOrNull(append(b, `,"retry_of":`...), d.RetryOf)
	b = appendTextOrNull(append(b, `,"batch":`...), d.Batch)
	b = appendText(append(b, `,"version":`...), d.Version)
	b = appendText(append(b, `,"trace_id":`...), d.TraceID)
	b = appendQueue(append(b, `,"queue":`...), &d.Queue)
	b = appendProgress(append(b, `,"progress":`...), d.Progress)
	b = appendCost(append(b, `,"cost":`...), &d.Cost)
	b = appendResult(append(b, `,"result":`...), d.Result)
	b = appendError(append(b, `,"error":`...), d.Error)
	b = appendLinks(append(b, `,"links":`...), &d.Links)
	return append(b, '}')
}

func appendJobList(b []byte, l *api.JobList) []byte {
	b = append(b, `{"jobs":`...)
	if l.Jobs == nil {
		b = append(b, null...)
	} else {
		b = append(b, '[')
		for i := range l.Jobs {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJob(b, &l.Jobs[i])
		}
		b = append(b, ']')
	}
	b = appendText(append(b, `,"next_page_token":`...), l.NextPageToken)
	b = appendTextOrNull(append(b, `,"history":`...), l.History)
	return append(b, '}')
}

func appendQueue(b []byte, q *api.JobQueue) []byte {
	b = appendText(append(b, `{"name":`...), q.Name)
	b = appendTextOrNull(append(b, `,"position":`...), q.Position)
	b = appendSeconds(append(b, `,"wait_estimate_seconds":`...), q.WaitEstimateSeconds)
	return append(b, '}')
}

func appendProgress(b []byte, p *api.Progress) []byte {
	if p == nil {
		return append(b, null...)
	}
	b = appendText(append(b, `{"phase":`...), p.Phase)
	b = strconv.AppendInt(append(b, `,"phase_index":`...), int64(p.PhaseIndex), 10)
	b = strconv.AppendInt(append(b, `,"phase_count":`...), int64(p.PhaseCount), 10)
	b = appendFloatOrNull(append(b, `,"percent":`...), p.Percent)
	b = appendText(append(b, `,"detail":`...), p.Detail)
	b = appendSeconds(append(b, `,"eta_seconds":`...), p.ETASeconds)
	b = appendTime(append(b, `,"updated_at":`...), p.UpdatedAt)
	return append(b, '}')
}

func appendCost(b []byte, c *api.Cost) []byte {
	b = appendText(append(b, `{"estimated":`...), c.Estimated)
	b = appendTextOrNull(append(b, `,"actual":`...), c.Actual)
	b = appendText(append(b, `,"unit":`...), c.Unit)
	return append(b, '}')
}

func appendResult(b []byte, r *api.Result) []byte {
	if r == nil {
		return append(b, null...)
	}
	b = appendText(append(b, `{"media_type":`...), r.MediaType)
	b = appendText(append(b, `,"bytes":`...), r.Bytes)
	b = appendTextOrNull(append(b, `,"digits":`...), r.Digits)
	b = appendTextOrNull(append(b, `,"leading":`...), r.Leading)
	b = appendTextOrNull(append(b, `,"trailing":`...), r.Trailing)
	b = appendTextOrNull(append(b, `,"scientific":`...), r.Scientific)
	b = appendTextOrNull(append(b, `,"trailing_zeros":`...), r.TrailingZeros)
	b = appendTextOrNull(append(b, `,"calls":`...), r.Calls)
	b = appendText(append(b, `,"sha256":`...), r.SHA256)
	b = appendText(append(b, `,"cache":`...), r.Cache)
	b = appendFloat(append(b, `,"timing_ms":{"queue":`...), r.TimingMS.Queue)
	b = appendFloat(append(b, `,"compute":`...), r.TimingMS.Compute)
	b = appendFloat(append(b, `,"write":`...), r.TimingMS.Write)
	b = appendText(append(b, `},"verification":{"status":`...), r.Verification.Status)
	b = appendText(append(b, `,"method":`...), r.Verification.Method)
	b = appendTexts(append(b, `,"moduli":`...), r.Verification.Moduli)
	b = appendTexts(append(b, `,"residues":`...), r.Verification.Residues)
	return append(b, "}}"...)
}

func appendError(b []byte, e *api.JobError) []byte {
	if e == nil {
		return append(b, null...)
	}
	b = appendText(append(b, `{"code":`...), e.Code)
	b = appendText(append(b, `,"detail":`...), e.Detail)
	return append(b, '}')
}

func appendLinks(b []byte, l *api.JobLinks) []byte {
	b = appendText(append(b, `{"self":`...), l.Self)
	b = appendText(append(b, `,"events":`...), l.Events)
	b = appendTextOrNull(append(b, `,"cancel":`...), l.Cancel)
	b = appendTextOrNull(append(b, `,"retry":`...), l.Retry)
	b = appendTextOrNull(append(b, `,"result":`...), l.Result)
	b = appendText(append(b, `,"attempts":`...), l.Attempts)
	b = appendText(append(b, `,"logs":`...), l.Logs)
	b = appendTextOrNull(append(b, `,"trace":`...), l.Trace)
	b = appendTextOrNull(append(b, `,"log_search":`...), l.LogSearch)
	return append(b, '}')
}

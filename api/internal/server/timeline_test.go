package server_test

import (
	"net/http"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(1000).ID
	path := "/v1/jobs/" + string(id) + "/attempts"
	attempts := func() []api.Attempt {
		return decode[api.AttemptList](t, h.want(h.get(path, nil), http.StatusOK)).Attempts
	}
	if got := attempts(); len(got) != 0 {
		t.Errorf("before the first there are %+v", got)
	}
	first := h.claimed()
	if got := attempts(); len(got) != 1 || got[0].Number != 1 || got[0].State != job.AttemptRunning || got[0].Worker != "worker-1" || got[0].EndedAt != nil || got[0].Error != nil {
		t.Errorf("while it runs there are %+v", got)
	}
	if _, err := h.records.Lose(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second, ok, err := h.records.Claim(t.Context(), first.Run, "worker-2", true)
	if err != nil || !ok {
		t.Fatalf("claim: %v, %v", ok, err)
	}
	if _, _, err := h.records.Fail(t.Context(), second, job.Failure{Code: "verification-failed", Detail: "It does not hold."}, true); err != nil {
		t.Fatal(err)
	}
	got := attempts()
	if len(got) != 2 || got[0].State != job.AttemptLost || got[1].State != job.AttemptFailed || got[1].Worker != "worker-2" {
		t.Fatalf("in the end there are %+v", got)
	}
	if e := got[1].Error; e == nil || e.Code != "verification-failed" || got[1].EndedAt == nil || got[1].EndedAt.Before(got[1].StartedAt) {
		t.Errorf("the last is %+v", got[1])
	}
	h.wantRefusal(h.get("/v1/jobs/"+strangeID+"/attempts", nil), refusal{http.StatusNotFound, "not-found", nil, strangeID})
}

func TestLogs(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(1000).ID
	path := "/v1/jobs/" + string(id) + "/logs"
	logs := func(query string) api.LogList {
		return decode[api.LogList](t, h.want(h.get(path+query, nil), http.StatusOK))
	}
	if got := logs(""); len(got.Lines) != 0 || got.Next != "0" {
		t.Errorf("before the first line there are %+v", got)
	}
	a := h.claimed()
	at := time.Now().UTC().Truncate(time.Millisecond)
	write := func(message string) {
		t.Helper()
		line := job.LogLine{Time: at, Level: "info", Message: message, Attempt: 1, Worker: "worker-1", Attributes: map[string]string{"n": "1000"}}
		if err := h.records.AppendLog(t.Context(), a.Run, []job.LogLine{line}); err != nil {
			t.Fatal(err)
		}
	}
	write("begins")
	write("goes on")
	got := logs("")
	if len(got.Lines) != 2 || got.Next != "2" || got.Lines[0].Message != "begins" || got.Lines[1].Attributes["n"] != "1000" || !got.Lines[0].Time.Equal(at) {
		t.Fatalf("there are %+v", got)
	}
	write("ends")
	if later := logs("?after=" + got.Next); len(later.Lines) != 1 || later.Lines[0].Message != "ends" || later.Next != "3" {
		t.Errorf("after %s there are %+v", got.Next, later)
	}
	if none := logs("?after=999999999999999999"); len(none.Lines) != 0 || none.Next != "3" {
		t.Errorf("far ahead there are %+v", none)
	}
	for query, says := range map[string]string{
		"?after=": "without a value", "?after=-1": "number of lines", "?after=x": "number of lines", "?after=9999999999999999999": "number of lines",
		"?after=1&after=2": "2 times", "?from=1": "after",
	} {
		h.wantRefusal(h.get(path+query, nil), refusal{http.StatusBadRequest, "malformed", nil, says})
	}
	h.wantRefusal(h.get("/v1/jobs/"+strangeID+"/logs", nil), refusal{http.StatusNotFound, "not-found", nil, strangeID})
}

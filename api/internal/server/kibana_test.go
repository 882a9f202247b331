package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/api/internal/server"
)

func TestLinksToKibana(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Kibana = "http://127.0.0.1:5601" })
	job := h.submitted(10)
	wantLinks(t, "while it waits", job, ",to:now)")
	h.finish(h.claimed(), "55")
	ended := h.job(job.ID)
	wantLinks(t, "once it has ended", ended, ",to:'"+ended.FinishedAt.Add(60e9).Format("2006-01-02T15:04:05.000Z")+"')")
	list := decode[api.JobList](t, h.want(h.get("/v1/jobs", nil), http.StatusOK))
	wantLinks(t, "in a list", list.Jobs[0], "trace.id")
}

func wantLinks(t *testing.T, when string, j api.Job, until string) {
	t.Helper()
	if j.Links.Trace == nil || *j.Links.Trace != "http://127.0.0.1:5601/app/apm/link-to/trace/"+j.TraceID {
		t.Errorf("%s: got the trace at %v", when, j.Links.Trace)
	}
	if j.Links.LogSearch == nil {
		t.Fatalf("%s: there is no search for log lines", when)
	}
	u, err := url.Parse(*j.Links.LogSearch)
	if err != nil {
		t.Fatal(err)
	}
	from := "time:(from:'" + j.CreatedAt.Add(-60e9).Format("2006-01-02T15:04:05.000Z") + "'"
	for _, part := range []string{from, until, "dataViewId:'app'", `query:'trace.id:"` + j.TraceID + `"'`} {
		if !strings.Contains(u.Fragment, part) {
			t.Errorf("%s: the search %s lacks %s", when, *j.Links.LogSearch, part)
		}
	}
	if u.Host != "127.0.0.1:5601" || u.Path != "/app/discover" {
		t.Errorf("%s: the search is at %s", when, u)
	}
}

func TestNoLinksWithoutKibana(t *testing.T) {
	t.Parallel()
	h := start(t)
	if links := h.submitted(10).Links; links.Trace != nil || links.LogSearch != nil {
		t.Errorf("got the links %v and %v, want none", links.Trace, links.LogSearch)
	}
}

package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/elastictest"
	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

// archive is a history on a real Elasticsearch that a test can take away.
type archive struct {
	*history.History
	away  atomic.Bool
	asked atomic.Int64
}

var errAway = job.Errorf(job.Unavailable, "Elasticsearch is away")

func (a *archive) do(call func() error) error {
	a.asked.Add(1)
	if a.away.Load() {
		return errAway
	}
	return call()
}

func (a *archive) Check(ctx context.Context) error {
	return a.do(func() error { return a.History.Check(ctx) })
}

func (a *archive) Get(ctx context.Context, o job.Owner, id job.ID) (j job.Job, err error) {
	err = a.do(func() error { j, err = a.History.Get(ctx, o, id); return err })
	return j, err
}

func (a *archive) Search(ctx context.Context, o job.Owner, f store.Filter, after *store.Position, size int) (found []job.Job, err error) {
	err = a.do(func() error { found, err = a.History.Search(ctx, o, f, after, size); return err })
	return found, err
}

func (a *archive) Levels(ctx context.Context, window time.Duration) (l history.Levels, err error) {
	err = a.do(func() error { l, err = a.History.Levels(ctx, window); return err })
	return l, err
}

// past is a server with a history, whose retention is over as soon as a job is there.
type past struct {
	*harness
	archive *archive
}

func startWithHistory(t *testing.T, changes ...func(*server.Options)) *past {
	t.Helper()
	node := elastictest.Start(t)
	node.Apply(os.DirFS("../../../infra/elasticsearch"))
	name := elastictest.Name()
	index := history.DefaultIndex + "-" + name
	node.Call(http.MethodPut, "/"+index, nil)
	t.Cleanup(func() { node.Ask(http.MethodDelete, "/"+index, nil) })
	h, err := history.Open(history.Config{
		URL: node.URL(), Index: index, Nginx: "logs-nginx.access-" + name, Heartbeat: "heartbeat-" + name,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	a := &archive{History: h}
	changes = append([]func(*server.Options){func(o *server.Options) {
		o.History, o.HistoryTimeout, o.Retention = a, patience, time.Millisecond
	}}, changes...)
	return &past{start(t, changes...), a}
}

// ship does what a worker does: it enters all that has ended, and erases what was deleted.
func (p *past) ship() {
	p.t.Helper()
	ctx := context.Background()
	erase, err := p.records.Erasures(ctx, job.LocalOwner, 1000)
	p.must(err)
	_, err = p.archive.Erase(ctx, erase)
	p.must(err)
	p.must(p.records.Erased(ctx, job.LocalOwner, erase))
	ids, _, err := p.records.Finished(ctx, job.LocalOwner, 0, 1000)
	p.must(err)
	records, err := p.records.GetAll(ctx, ids)
	p.must(err)
	var jobs []job.Job
	for _, rec := range records {
		jobs = append(jobs, rec.Job)
	}
	w, err := p.archive.Write(ctx, jobs, true)
	p.must(err)
	if len(w.Done) != len(ids) {
		p.t.Fatalf("%d of %d jobs are shipped: %v", len(w.Done), len(ids), w.Refused)
	}
	p.must(p.records.Shipped(ctx, job.LocalOwner, ids))
}

func (p *past) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// retire has Redis forget a job, as its retention would.
func (p *past) retire(id job.ID) {
	p.t.Helper()
	_, err := p.records.Retire(context.Background(), job.LocalOwner, id)
	p.must(err)
}

// finished is a job that has succeeded.
func (p *past) finished(n int) api.Job {
	p.t.Helper()
	j := p.submitted(n)
	p.finish(p.claimed(), strconv.Itoa(n))
	return p.job(j.ID)
}

// pages reads a whole list, page by page. between is called after each.
func (p *past) pages(query url.Values, between func()) (got []job.ID) {
	p.t.Helper()
	for range 10_000 {
		page := decode[api.JobList](p.t, p.want(p.get("/v1/jobs?"+query.Encode(), nil), http.StatusOK))
		if page.History == nil || *page.History != api.HistoryComplete {
			p.t.Fatalf("the history is %v", page.History)
		}
		for _, j := range page.Jobs {
			got = append(got, j.ID)
		}
		if page.NextPageToken == "" {
			return got
		}
		query.Set("page_token", page.NextPageToken)
		between()
	}
	p.t.Fatal("the list has no end")
	return nil
}

// TestTheListGoesOnIntoTheHistory has jobs in Redis, in the history, in both and deleted from either, mixed by age, and Redis forget more while
// pages are turned: each page goes on where the one before ended, without a gap and without a job twice.
func TestTheListGoesOnIntoTheHistory(t *testing.T) {
	t.Parallel()
	p := startWithHistory(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var jobs []api.Job // oldest first
	inRedis := map[job.ID]bool{}
	for n := range 120 {
		body := fmt.Sprintf(`{"function":"%s","args":{"n":%d},"labels":{"run":"%c"}}`, []string{"fibonacci", "factorial"}[r.IntN(2)], n+2, 'a'+r.IntN(3))
		j := decode[api.Job](t, p.want(p.post(body, nil), http.StatusAccepted))
		switch r.IntN(4) {
		case 0:
			p.want(p.do(http.MethodPost, "/v1/jobs/"+string(j.ID)+"/cancel", "", nil), http.StatusOK)
			<-p.runs
		case 1:
			<-p.runs // it stays queued
		default:
			p.finish(p.claimed(), "5")
		}
		jobs = append(jobs, p.job(j.ID))
		inRedis[j.ID] = true
	}
	p.ship()
	forget := func() {
		for _, j := range jobs {
			if inRedis[j.ID] && j.State.Terminal() && r.IntN(6) == 0 {
				p.retire(j.ID)
				inRedis[j.ID] = false
			}
		}
	}
	for range 3 {
		forget()
	}
	for i := 0; i < len(jobs); i += 9 { // some are deleted, from wherever they are
		if jobs[i].State.Terminal() {
			p.want(p.do(http.MethodDelete, "/v1/jobs/"+string(jobs[i].ID), "", nil), http.StatusNoContent)
			p.want(p.get("/v1/jobs/"+string(jobs[i].ID), nil), http.StatusNotFound)
			jobs[i].Function, inRedis[jobs[i].ID] = "deleted", false
		}
	}
	for round := range 24 {
		query, chosen := url.Values{"page_size": {strconv.Itoa(1 + r.IntN(30))}}, func(api.Job) bool { return true }
		switch round % 6 {
		case 1:
			query.Add("label", "run:b")
			chosen = func(j api.Job) bool { return j.Labels["run"] == "b" }
		case 2:
			query.Add("state", "cancelled")
			query.Add("state", "queued")
			chosen = func(j api.Job) bool { return j.State == job.Cancelled || j.State == job.Queued }
		case 3:
			query.Add("function", "factorial")
			chosen = func(j api.Job) bool { return j.Function == "factorial" }
		case 4:
			from, to := jobs[r.IntN(60)].CreatedAt, jobs[60+r.IntN(60)].CreatedAt
			query.Add("created_after", from.Format(time.RFC3339Nano))
			query.Add("created_before", to.Format(time.RFC3339Nano))
			chosen = func(j api.Job) bool { return !j.CreatedAt.Before(from) && j.CreatedAt.Before(to) }
		}
		var want []job.ID
		for _, j := range slices.Backward(jobs) {
			if j.Function != "deleted" && chosen(j) {
				want = append(want, j.ID)
			}
		}
		between := func() {}
		if round >= 18 {
			between = forget
		}
		if diff := cmp.Diff(want, p.pages(query, between)); diff != "" {
			t.Fatalf("%v (-want +got):\n%s", query, diff)
		}
		if round == 12 {
			p.ship() // what is deleted is erased by now
		}
	}
}

func TestAJobPastItsRetention(t *testing.T) {
	t.Parallel()
	p := startWithHistory(t)
	before := p.finished(7)
	p.ship()
	p.retire(before.ID)
	path := "/v1/jobs/" + string(before.ID)
	after := p.job(before.ID)
	if after.Links.Result != nil {
		t.Errorf("it has a link to digits that are gone: %s", *after.Links.Result)
	}
	after.Links.Result = before.Links.Result
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the job (-before +after):\n%s", diff)
	}
	p.want(p.get(path+"/result", nil), http.StatusGone)
	p.want(p.do(http.MethodPost, path+"/cancel", "", nil), http.StatusConflict)
	if got := decode[api.AttemptList](t, p.want(p.get(path+"/attempts", nil), http.StatusOK)); len(got.Attempts) != 0 {
		t.Errorf("it has attempts: %+v", got)
	}
	p.want(p.get(path+"/logs", nil), http.StatusOK)
	if got := string(p.want(p.get(path+"/events", nil), http.StatusOK).body); !strings.Contains(got, "event: done") {
		t.Errorf("its events are:\n%s", got)
	}
	again := decode[api.Job](t, p.want(p.do(http.MethodPost, path+"/retry", "", nil), http.StatusAccepted))
	if again.RetryOf == nil || *again.RetryOf != before.ID {
		t.Errorf("a retry of it is %+v", again)
	}
	p.want(p.get("/v1/jobs/"+strangeID, nil), http.StatusNotFound)

	p.want(p.do(http.MethodDelete, path, "", nil), http.StatusNoContent)
	p.want(p.get(path, nil), http.StatusNotFound)
	p.want(p.do(http.MethodDelete, path, "", nil), http.StatusNotFound)
	p.ship()
	p.want(p.get(path, nil), http.StatusNotFound)
}

func TestAHistoryThatIsAway(t *testing.T) {
	t.Parallel()
	p := startWithHistory(t)
	kept, gone := p.finished(7), p.finished(8)
	p.ship()
	p.retire(gone.ID)
	p.archive.away.Store(true)
	failed := time.Now()
	list := decode[api.JobList](t, p.want(p.get("/v1/jobs", nil), http.StatusOK))
	if len(list.Jobs) != 1 || list.Jobs[0].ID != kept.ID || list.History == nil || *list.History != api.HistoryUnavailable {
		t.Errorf("the list is %+v", list)
	}
	asked := p.archive.asked.Load()
	p.job(kept.ID)
	r := p.want(p.get("/v1/jobs/"+string(gone.ID), nil), http.StatusServiceUnavailable)
	if !strings.Contains(string(r.body), "history") || r.Header.Get("Retry-After") == "" {
		t.Errorf("it does not say what is away: %s", r.body)
	}
	p.want(p.do(http.MethodDelete, "/v1/jobs/"+string(gone.ID), "", nil), http.StatusServiceUnavailable)
	if got := p.archive.asked.Load() - asked; got > 0 && time.Since(failed) < 3*time.Second {
		t.Errorf("right after it has failed it is asked %d times", got)
	}
	ready := decode[api.Readiness](t, p.want(p.get("/readyz", nil), http.StatusOK))
	if ready.Status != api.StatusDegraded || ready.Checks["history"].Status != api.StatusDegraded {
		t.Errorf("ready: %+v", ready)
	}
	// Deleted while it is away: it is never shown again.
	p.want(p.do(http.MethodDelete, "/v1/jobs/"+string(kept.ID), "", nil), http.StatusNoContent)
	p.archive.away.Store(false)
	for deadline := time.Now().Add(patience); ; {
		list = decode[api.JobList](t, p.want(p.get("/v1/jobs", nil), http.StatusOK))
		if *list.History == api.HistoryComplete {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is never asked again")
		}
	}
	if len(list.Jobs) != 1 || list.Jobs[0].ID != gone.ID {
		t.Errorf("with the history back the list is %+v", list)
	}
}

func TestARecentListDoesNotAskTheHistory(t *testing.T) {
	t.Parallel()
	p := startWithHistory(t, func(o *server.Options) { o.Retention = 24 * time.Hour })
	var last api.Job
	for n := range 5 {
		last = p.submitted(n)
	}
	p.get("/v1/jobs?page_size=2", nil)
	p.get("/v1/jobs?state=queued&state=running", nil)
	p.get("/v1/jobs?created_after="+last.CreatedAt.Format(time.RFC3339Nano), nil)
	p.get("/v1/jobs/"+string(last.ID), nil)
	made, err := job.NewID(job.Fingerprint(strings.Repeat("0", 40)))
	p.must(err)
	p.want(p.get("/v1/jobs/"+string(made), nil), http.StatusNotFound)
	if n := p.archive.asked.Load(); n != 0 {
		t.Errorf("it is asked %d times", n)
	}
	p.get("/v1/jobs", nil)
	if n := p.archive.asked.Load(); n != 1 {
		t.Errorf("for a whole list it is asked %d times, want once", n)
	}
}

func TestWithoutAHistoryThereIsNoTraceOfIt(t *testing.T) {
	t.Parallel()
	h := start(t)
	if list := decode[api.JobList](t, h.get("/v1/jobs", nil)); list.History != nil {
		t.Errorf("the list has a history: %v", *list.History)
	}
	if status := decode[api.ServiceStatus](t, h.get("/v1/status", nil)); status.Platform != nil {
		t.Errorf("the platform is %+v", status.Platform)
	}
	if ready := decode[api.Readiness](t, h.get("/readyz", nil)); len(ready.Checks) != 3 {
		t.Errorf("the checks are %+v", ready.Checks)
	}
}

func TestThePlatformsLevels(t *testing.T) {
	t.Parallel()
	p := startWithHistory(t)
	p.must(p.records.Beat(t.Context(), "worker-1"))
	ask := func() api.Platform {
		t.Helper()
		status := decode[api.ServiceStatus](t, p.want(p.get("/v1/status", nil), http.StatusOK))
		if status.Platform == nil {
			t.Fatal("there is no platform")
		}
		return *status.Platform
	}
	p.archive.away.Store(true)
	got := ask()
	if got.State != api.PlatformUnknown || got.AsOf != nil || got.Reason == nil || got.UnavailableSince == nil || len(got.Uptime) != 0 {
		t.Errorf("of a platform that nobody has seen: %+v", got)
	}
	p.archive.away.Store(false)
	server.ExpireLevels(p.server)
	got = ask()
	if got.State != api.PlatformCurrent || got.AsOf == nil || got.Reason != nil || got.WindowSeconds != 3600 ||
		got.UnavailableSince != nil || got.Availability != nil {
		t.Errorf("of a platform without requests: %+v", got)
	}
	asked, before := p.archive.asked.Load(), time.Now()
	ask()
	if n := p.archive.asked.Load() - asked; n > 1 && time.Since(before) < 4*time.Second { // readiness looks each time
		t.Errorf("within a moment it is asked %d times", n)
	}
	p.archive.away.Store(true)
	server.ExpireLevels(p.server)
	stale := ask()
	if stale.State != api.PlatformStale || stale.Reason == nil || stale.UnavailableSince == nil || !stale.AsOf.Equal(*got.AsOf) {
		t.Errorf("without Elasticsearch: %+v, want what was known: %+v", stale, got)
	}
}

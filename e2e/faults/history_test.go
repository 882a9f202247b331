package faults_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
	"numbermill/shared/elastictest"
	"numbermill/shared/redistest"
)

// The passwords of the run, which no process may repeat.
const (
	elasticPassword = "correct-horse-battery"
	historyPassword = "staple-of-history"
)

const (
	finishedKey = "nm:{o:local}:finished"
	openKey     = "nm:{o:local}:open"
	jobsKey     = "nm:{o:local}:jobs"
)

// Elasticsearch is stopped under load and started again, and workers are killed meanwhile, the one that ships among them. Every job that has ended
// is in the history afterwards, once, as it ended. Setup runs late, so that the first jobs wait for it.
func TestHistory(t *testing.T) {
	begin(t)
	random := chance(t)
	node := elastictest.Own(t, elastictest.Secured(elasticPassword))
	es := as(t, node.URL(), "numbermill", historyPassword)
	p := &platform{redis: redistest.New(t), results: platformtest.Folder(t)}
	p.rdb = dial(t, p.redis.URL())
	p.api, p.c = platformtest.API(t, p.redis.URL(), p.results, "--elasticsearch", es)
	for range 2 {
		p.hire(t, "--elasticsearch", es)
	}
	l := newLedger(t, p.c)
	m := mix(t, l, rand.New(rand.NewPCG(random.Uint64(), 1)))
	moment(t, random, sized(10*time.Second, 2*time.Second))
	p.setUp(t, node)
	awaitShipping(t, node)

	node.Stop()
	stopped := time.Now()
	for time.Since(stopped) < sized(2*time.Minute, 3*time.Second) {
		p.workers[random.IntN(len(p.workers))].Kill(t)
		p.workers = slices.DeleteFunc(p.workers, func(w *platformtest.Process) bool { return !w.Running() })
		p.hire(t, "--elasticsearch", es)
		moment(t, random, sized(30*time.Second, 3*time.Second))
	}
	p.sayAway(t)
	waited, err := p.rdb.ZCard(t.Context(), finishedKey).Result()
	if err != nil {
		t.Fatal(err)
	}
	away := time.Since(stopped)
	node.Start()
	answers := time.Now()
	moment(t, random, time.Second)
	p.workers[0].Kill(t) // maybe in the middle of a bulk
	p.hire(t, "--elasticsearch", es)
	m.finish()
	states := l.settle(t, 4*time.Minute)
	p.await(t, 0, openKey) // a job may have been taken whose answer nobody waited for at the end of the load
	p.await(t, 0, finishedKey)
	caughtUp := time.Since(answers)
	node.Refresh("jobs-numbermill")
	p.compare(t, node, l)
	note(t, "Elasticsearch was away", "%v under load, %d finished jobs waited for it in the end", away.Round(time.Second), waited)
	note(t, "jobs", "%d accepted, all in the history, once: %s", len(l.all()), summary(states))
	note(t, "caught up", "%v after it answered again", caughtUp.Round(100*time.Millisecond))
	for _, process := range append(p.workers, p.api) {
		for _, line := range process.Err.Find(func(l platformtest.Line) bool {
			return strings.Contains(l.Raw, historyPassword) || strings.Contains(l.Raw, elasticPassword)
		}) {
			t.Errorf("%s tells a password: %s", process, line.Raw)
		}
	}
}

// as is a URL for another user.
func as(t *testing.T, address, user, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

// setUp puts templates, the index and the user in place.
func (p *platform) setUp(t *testing.T, node *elastictest.Node) {
	t.Helper()
	setup := platformtest.Start(t, platformtest.Command{
		Args: []string{"setup"}, Env: []string{"NUMBERMILL_ELASTICSEARCH=" + node.URL(), "NUMBERMILL_NUMBERMILL_PASSWORD=" + historyPassword},
	})
	if code := setup.Exit(t, 2*platformtest.Patience); code != 0 {
		t.Fatalf("setup ends with %d", code)
	}
}

// await waits until a set has no more than so many jobs.
func (p *platform) await(t *testing.T, most int64, key string) {
	t.Helper()
	ctx := within(t, 2*platformtest.Patience)
	again := newPace(20 * time.Millisecond)
	defer again.stop()
	for {
		n, err := p.rdb.ZCard(ctx, key).Result()
		if err == nil && n <= most {
			return
		}
		if again.wait(ctx) != nil {
			t.Fatalf("%d jobs are in %s, %v, want %d at most", n, key, err, most)
		}
	}
}

// awaitShipping waits until some of the jobs are in the history: with more of them coming, there may be no moment when all are.
func awaitShipping(t *testing.T, node *elastictest.Node) {
	t.Helper()
	ctx := within(t, 2*platformtest.Patience)
	again := newPace(200 * time.Millisecond)
	defer again.stop()
	for {
		node.Refresh("jobs-numbermill")
		if node.Count("jobs-numbermill", "") > 0 {
			return
		}
		if err := again.wait(ctx); err != nil {
			t.Fatalf("no job is in the history: %v", err)
		}
	}
}

// sayAway sees that the API says what is missing, and goes on.
func (p *platform) sayAway(t *testing.T) {
	t.Helper()
	var ready struct {
		Status string                       `json:"status"`
		Checks map[string]map[string]string `json:"checks"`
	}
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodGet, "/readyz", "")
	if err == nil {
		err = r.Decode(&ready)
	}
	if err != nil || r.Status != http.StatusOK || ready.Status != "degraded" || ready.Checks["history"]["status"] != "degraded" {
		t.Errorf("without Elasticsearch it is ready like this: %v %v", r, err)
	}
}

// past is a job as it stands in Elasticsearch.
type past struct {
	State      string    `json:"state"`
	FinishedAt time.Time `json:"finished_at"`
	Digits     *int64    `json:"digits"`
	SHA256     string    `json:"sha256"`
	Attempt    int64     `json:"attempt"`
	Trace      struct {
		ID string `json:"id"`
	} `json:"trace"`
}

// compare holds every job of the ledger against the history.
func (p *platform) compare(t *testing.T, node *elastictest.Node, l *ledger) {
	t.Helper()
	all := l.all()
	want, err := p.rdb.ZCard(t.Context(), jobsKey).Result()
	if got := node.Count("jobs-numbermill", ""); err != nil || got != int(want) || got < len(all) {
		t.Errorf("the history has %d jobs, want all %d of Redis, %d of the ledger among them, %v", got, want, len(all), err)
	}
	for part := range slices.Chunk(all, 500) {
		var ids []string
		for _, e := range part {
			ids = append(ids, e.ID)
		}
		var answer struct {
			Docs []struct {
				Found  bool `json:"found"`
				Source past `json:"_source"` //nolint:tagliatelle // Elasticsearch's name
			} `json:"docs"`
		}
		if err := json.Unmarshal(node.Call(http.MethodPost, "/jobs-numbermill/_mget", map[string]any{"ids": ids}), &answer); err != nil {
			t.Fatal(err)
		}
		for i, e := range part {
			if !answer.Docs[i].Found {
				t.Errorf("%s, %s at %v, is not in the history", e.ID, e.State, e.FinishedAt)
				continue
			}
			if wrong := answer.Docs[i].Source.differs(e.document); wrong != "" {
				t.Errorf("%s in the history: %s", e.ID, wrong)
			}
		}
	}
}

// differs says in what a job in the history is not as it ended.
func (d past) differs(e document) string {
	digits, sum := "", ""
	if d.Digits != nil {
		digits = strconv.FormatInt(*d.Digits, 10)
	}
	want := ""
	if e.Result != nil {
		sum = e.Result.SHA256
		if e.Result.Digits != nil {
			want = *e.Result.Digits
		}
	}
	switch {
	case d.State != e.State:
		return "it is " + d.State + ", want " + e.State
	case e.FinishedAt == nil || !d.FinishedAt.Equal(*e.FinishedAt):
		return "it ended at " + d.FinishedAt.String()
	case d.Trace.ID != e.TraceID || len(d.Trace.ID) != 32:
		return "its trace is " + d.Trace.ID + ", want " + e.TraceID
	case digits != want || d.SHA256 != sum:
		return "it has " + digits + " digits with SHA-256 " + d.SHA256 + ", want " + want + " with " + sum
	case d.Attempt != e.Attempt:
		return "it took another number of attempts"
	}
	return ""
}

package store_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

const localJobs = "nm:{o:local}:jobs"

// pages reads a list to its end, a page at a time.
func (x *fixture) pages(f store.Filter, size int, between func()) (ids []job.ID) {
	x.t.Helper()
	token := ""
	for range 1000 {
		page, next, err := x.s.List(x.t.Context(), job.LocalOwner, f, size, token)
		if err != nil {
			x.t.Fatal(err)
		}
		if len(page) > size {
			x.t.Fatalf("a page has %d jobs, want at most %d", len(page), size)
		}
		for _, r := range page {
			ids = append(ids, r.ID)
		}
		if token = next; token == "" {
			return ids
		}
		if between != nil {
			between()
		}
	}
	x.t.Fatal("the list does not end")
	return nil
}

// newestFirst sorts ids by their place in the index.
func (x *fixture) newestFirst() []job.ID {
	x.t.Helper()
	names, err := x.rdb.ZRevRange(x.t.Context(), localJobs, 0, -1).Result()
	if err != nil {
		x.t.Fatal(err)
	}
	ids := make([]job.ID, len(names))
	for i, n := range names {
		ids[i] = job.ID(n)
	}
	return ids
}

func TestListPagesThroughTies(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for i := range 120 {
		s := x.submit(fp(i))
		// Three milliseconds with forty jobs each.
		if err := x.rdb.ZAdd(t.Context(), localJobs, redis.Z{Score: float64(1_700_000_000_000 + i/40), Member: string(s.ID)}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	want := x.newestFirst()
	for _, size := range []int{1, 7, 19, 20, 40, 119, 120, 1000} {
		if diff := cmp.Diff(want, x.pages(store.Filter{}, size, nil)); diff != "" {
			t.Errorf("pages of %d differ (-want +got):\n%s", size, diff)
		}
	}
}

func TestListWhileJobsCome(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for i := range 50 {
		x.submit(fp(i))
	}
	want := x.newestFirst()
	n := 100
	got := x.pages(store.Filter{}, 7, func() {
		for range 5 {
			x.submit(fp(n))
			n++
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jobs that come between pages disturb those that were there (-want +got):\n%s", diff)
	}
}

func TestListWhileJobsGo(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	subs := map[job.ID]store.Submission{}
	for i := range 50 {
		s := x.submit(fp(i))
		subs[s.ID] = s
	}
	all := x.newestFirst()
	page, token, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{}, 10, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []job.ID{all[0], page[9].ID, all[12]} { // the one where the page ended is among them
		x.cancel(subs[id])
		x.remove(subs[id])
	}
	page, _, err = x.s.List(t.Context(), job.LocalOwner, store.Filter{}, 3, token)
	if err != nil {
		t.Fatal(err)
	}
	want := []job.ID{all[10], all[11], all[13]}
	if got := []job.ID{page[0].ID, page[1].ID, page[2].ID}; !slices.Equal(got, want) {
		t.Errorf("got %v on the next page, want %v", got, want)
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	labels := []map[string]string{nil, {"run": "a"}, {"run": "b", "nightly": ""}, {"run": "a", "nightly": ""}}
	subs := make([]store.Submission, len(labels))
	for i, l := range labels {
		r := request(fp(i))
		r.Labels = l
		if i == 0 {
			r.Spec.Function = "factorial"
		}
		subs[i] = x.submitAs(r)
	}
	x.claim(subs[1].Run)
	x.cancel(subs[2])
	x.compute(subs[3].Run)
	foreign := request(fp(9))
	foreign.Owner = "somebody"
	x.submitAs(foreign)
	for name, c := range map[string]struct {
		filter store.Filter
		want   []int
	}{
		"all":              {store.Filter{}, []int{3, 2, 1, 0}},
		"queued":           {store.Filter{States: []job.State{job.Queued}}, []int{0}},
		"running or ended": {store.Filter{States: []job.State{job.Running, job.Succeeded, job.Cancelled}}, []int{3, 2, 1}},
		"none failed":      {store.Filter{States: []job.State{job.Failed}}, nil},
		"function":         {store.Filter{Function: "factorial"}, []int{0}},
		"label":            {store.Filter{Labels: []store.LabelFilter{{Name: "run", Value: "a"}}}, []int{3, 1}},
		"any value":        {store.Filter{Labels: []store.LabelFilter{{Name: "run", AnyValue: true}}}, []int{3, 2, 1}},
		"empty value":      {store.Filter{Labels: []store.LabelFilter{{Name: "run"}}}, nil},
		"two labels":       {store.Filter{Labels: []store.LabelFilter{{Name: "run", Value: "a"}, {Name: "nightly"}}}, []int{3}},
		"label and state":  {store.Filter{States: []job.State{job.Running}, Labels: []store.LabelFilter{{Name: "run", Value: "a"}}}, []int{1}},
	} {
		var want []job.ID
		for _, i := range c.want {
			want = append(want, subs[i].ID)
		}
		slices.SortFunc(want, func(a, b job.ID) int { return strings.Compare(string(b), string(a)) })
		for _, size := range []int{1, 50} {
			if diff := cmp.Diff(want, x.pages(c.filter, size, nil)); diff != "" {
				t.Errorf("%s, pages of %d (-want +got):\n%s", name, size, diff)
			}
		}
	}
}

func TestListByTime(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	const from = 1_700_000_000_000
	var subs []store.Submission
	for i := range 10 {
		s := x.submit(fp(i))
		subs = append(subs, s)
		if err := x.rdb.ZAdd(t.Context(), localJobs, redis.Z{Score: float64(from + i), Member: string(s.ID)}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	f := store.Filter{CreatedAfter: time.UnixMilli(from + 3), CreatedBefore: time.UnixMilli(from + 7)}
	want := []job.ID{subs[6].ID, subs[5].ID, subs[4].ID, subs[3].ID} // after is inclusive, before is not
	for _, size := range []int{1, 2, 50} {
		if diff := cmp.Diff(want, x.pages(f, size, nil)); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
}

func TestListRefusesTokensFromElsewhere(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for i := range 3 {
		x.submit(fp(i))
	}
	_, token, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{Function: "fibonacci"}, 1, "")
	if err != nil || token == "" {
		t.Fatalf("got token %q, %v, want one", token, err)
	}
	for name, c := range map[string]struct {
		owner  job.Owner
		filter store.Filter
		token  string
	}{
		"another filter":  {job.LocalOwner, store.Filter{}, token},
		"another owner":   {"somebody", store.Filter{Function: "fibonacci"}, token},
		"garbage":         {job.LocalOwner, store.Filter{}, "garbage!"},
		"padded":          {job.LocalOwner, store.Filter{}, base64.URLEncoding.EncodeToString([]byte("{}x"))},
		"no cursor":       {job.LocalOwner, store.Filter{}, base64.RawURLEncoding.EncodeToString([]byte("{}"))},
		"not JSON":        {job.LocalOwner, store.Filter{}, base64.RawURLEncoding.EncodeToString([]byte("hello"))},
		"cut short":       {job.LocalOwner, store.Filter{Function: "fibonacci"}, token[:len(token)-4]},
		"a forged cursor": {job.LocalOwner, store.Filter{}, base64.RawURLEncoding.EncodeToString([]byte(`{"c":1,"i":"x","l":null}`))},
	} {
		_, _, err := x.s.List(t.Context(), c.owner, c.filter, 1, c.token)
		wantCode(t, name, err, job.BadPageToken)
	}
}

func TestListEndsItsPageEarlyUnderARareFilter(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	rare := x.submitAs(job.Request{Owner: job.LocalOwner, Fingerprint: fp(1), Spec: job.Spec{Function: "rare"}})
	// Entries without a record are enough to be looked at.
	var z []redis.Z
	for i := range 12_000 {
		z = append(z, redis.Z{Score: float64(time.Now().UnixMilli() + int64(i)), Member: fmt.Sprintf("job_ffffffff-ffff-7fff-bfff-%09x000", i)})
	}
	if err := x.rdb.ZAdd(t.Context(), localJobs, z...).Err(); err != nil {
		t.Fatal(err)
	}
	page, next, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{Function: "rare"}, 10, "")
	if err != nil || len(page) != 0 || next == "" {
		t.Errorf("got %d jobs with next page %q, %v, want an empty page that is not the last", len(page), next, err)
	}
	if diff := cmp.Diff([]job.ID{rare.ID}, x.pages(store.Filter{Function: "rare"}, 10, nil)); diff != "" {
		t.Errorf("the pages together (-want +got):\n%s", diff)
	}
}

package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

const (
	modelRuns         = 6
	modelSteps        = 250
	modelFingerprints = 3
)

// TestAgainstAModel drives random operations, replays and stale attempts among them, and compares every answer and every record with
// those of a model that knows nothing of Redis.
func TestAgainstAModel(t *testing.T) {
	t.Parallel()
	for range modelRuns {
		seed := rand.Uint64()
		t.Run("", func(t *testing.T) {
			t.Parallel()
			d := &driver{fixture: setUp(t), rnd: rand.New(rand.NewPCG(seed, 0)), model: newModel(), seen: map[job.ID]seen{}}
			for step := range modelSteps {
				d.step()
				if d.check(); t.Failed() {
					t.Fatalf("seed %d, step %d: %v", seed, step, d.done)
				}
			}
		})
	}
}

// driver does each operation both to the store and to the model.
type driver struct {
	*fixture
	rnd  *rand.Rand
	done []string

	model     *model
	subs      []store.Submission
	attempts  []store.Attempt
	collected []store.Collected
	seen      map[job.ID]seen
	states    [modelFingerprints]job.ComputationState
}

// seen is what was last read of a job.
type seen struct {
	state   job.State
	version int64
	whole   job.Job
}

func pick[T any](d *driver, from []T) (v T, ok bool) {
	if len(from) == 0 {
		return v, false
	}
	return from[d.rnd.IntN(len(from))], true
}

// step does one operation that is possible; those that keep things going come more often.
func (d *driver) step() {
	d.t.Helper()
	operations := []func(*driver){
		(*driver).doSubmit, (*driver).doSubmit, (*driver).doClaim, (*driver).doClaim, (*driver).doComplete, (*driver).doFail,
		(*driver).doRelease, (*driver).doReport, (*driver).doCancel, (*driver).doCancel, (*driver).doDelete, (*driver).doDelete, (*driver).doForget,
	}
	operations[d.rnd.IntN(len(operations))](d)
}

func (d *driver) same(what string, got, want any) {
	d.t.Helper()
	d.done = append(d.done, what)
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("%s answers differently (-want +got):\n%s", what, diff)
	}
}

func (d *driver) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *driver) doSubmit() {
	f := fp(d.rnd.IntN(modelFingerprints))
	s := d.submit(f)
	d.subs = append(d.subs, s)
	d.same("submit", s.Cache, d.model.submit(f, s.ID, s.Run.ID))
}

func (d *driver) doClaim() {
	s, ok := pick(d, d.subs[max(0, len(d.subs)-5):])
	if !ok {
		return
	}
	a, ok, err := d.s.Claim(d.t.Context(), s.Run, "worker", true)
	d.must(err)
	d.same("claim", a.Number, d.model.claim(s.Run))
	if ok {
		d.attempts = append(d.attempts, a)
	}
}

// attempt is one of the last few, stale ones among them.
func (d *driver) attempt() (store.Attempt, bool) {
	return pick(d, d.attempts[max(0, len(d.attempts)-3):])
}

func (d *driver) doComplete() {
	if a, ok := d.attempt(); ok {
		held, err := d.s.Complete(d.t.Context(), a, someResult, "144")
		d.must(err)
		d.same("complete", held, d.model.complete(a))
	}
}

func (d *driver) doFail() {
	if a, ok := d.attempt(); ok {
		permanent := d.rnd.IntN(4) == 0
		o, _, err := d.s.Fail(d.t.Context(), a, job.Failure{Code: "internal"}, permanent)
		d.must(err)
		d.same("fail", o, d.model.fail(a, permanent))
	}
}

// giveBack gives an attempt back, or loses it.
func (d *driver) giveBack(a store.Attempt) (held bool, err error) {
	if d.rnd.IntN(2) == 0 {
		return d.s.Release(d.t.Context(), a)
	}
	lost, err := d.s.Lose(d.t.Context(), a)
	return lost == store.LossRequeued, err
}

func (d *driver) doRelease() {
	if a, ok := d.attempt(); ok {
		held, err := d.giveBack(a)
		d.must(err)
		d.same("release", held, d.model.release(a))
	}
}

func (d *driver) doReport() {
	if a, ok := d.attempt(); ok {
		held, err := d.s.Report(d.t.Context(), a, job.Progress{Percent: 1})
		d.must(err)
		d.same("report", held, d.model.held(a))
	}
}

func (d *driver) doCancel() {
	if s, ok := pick(d, d.subs); ok {
		abandoned, err := d.s.Cancel(d.t.Context(), job.LocalOwner, s.ID)
		code, last := d.model.cancel(s.ID)
		d.same("cancel", job.CodeOf(err), code)
		d.same("abandon", abandoned != nil, last)
	}
}

func (d *driver) doDelete() {
	if s, ok := pick(d, d.subs); ok {
		collected, err := d.s.Delete(d.t.Context(), job.LocalOwner, s.ID)
		code, last := d.model.remove(s.ID)
		d.same("delete", job.CodeOf(err), code)
		d.same("collect", collected != nil, last)
		if collected != nil {
			d.collected = append(d.collected, *collected)
		}
	}
}

func (d *driver) doForget() {
	if c, ok := pick(d, d.collected); ok {
		d.must(d.s.Forget(d.t.Context(), c))
		d.model.forget(c)
		d.done = append(d.done, "forget")
	}
}

// check compares all records with the model, and each with what was read of it before.
func (d *driver) check() {
	d.t.Helper()
	ids := make([]job.ID, len(d.subs))
	for i, s := range d.subs {
		ids[i] = s.ID
	}
	records, err := d.s.GetAll(d.t.Context(), ids)
	d.must(err)
	for id, want := range d.model.jobs {
		if r := records[id]; r.State != want.state || r.Attempt != want.attempt || (r.Result != nil) != (want.state == job.Succeeded) {
			d.t.Errorf("job %s is %s in attempt %d with result %v, want %s in %d", id, r.State, r.Attempt, r.Result, want.state, want.attempt)
		}
	}
	for id, r := range records {
		if _, ok := d.model.jobs[id]; !ok {
			d.t.Errorf("job %s is there, want it deleted", id)
		}
		d.compare(seen{r.State, r.Version, r.Job}, d.seen[id])
		d.seen[id] = seen{r.State, r.Version, r.Job}
	}
	for i, before := range d.states {
		text, err := d.rdb.HMGet(d.t.Context(), computationKey(fp(i)), "state").Result()
		d.must(err)
		name, _ := text[0].(string)
		now := job.ComputationState(name)
		if now != d.model.state(fp(i)) || (now != before && !before.CanBecome(now)) {
			d.t.Errorf("computation %d was %q and is %q, want %q", i, before, now, d.model.state(fp(i)))
		}
		d.states[i] = now
	}
}

// compare checks that a job changes as jobs may.
func (d *driver) compare(now, before seen) {
	d.t.Helper()
	switch {
	case before.version == 0:
		return
	case before.state.Terminal():
		if diff := cmp.Diff(before.whole, now.whole); diff != "" {
			d.t.Errorf("a job that has ended changes (-before +now):\n%s", diff)
		}
	case now.version < before.version, now.state != before.state && now.version == before.version:
		d.t.Errorf("from %s to %s the version goes from %d to %d", before.state, now.state, before.version, now.version)
	case now.state != before.state && !before.state.CanBecome(now.state):
		d.t.Errorf("a job goes from %s to %s", before.state, now.state)
	}
	if !slices.Contains(job.States(), now.state) {
		d.t.Errorf("a job is %q", now.state)
	}
}

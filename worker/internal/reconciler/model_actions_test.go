package reconciler

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"numbermill/shared/job"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// one draws one of several; actions that have nothing to act on are skipped.
func one[T any](m *machine, what string, from []T) T {
	if len(from) == 0 {
		m.t.Skip("there is none")
	}
	from = from[max(0, len(from)-6):]
	return from[rapid.IntRange(0, len(from)-1).Draw(m.t, what)]
}

func (m *machine) someJob() job.ID { return one(m, "job", m.rules.ids()) }

func (m *machine) request() job.Request {
	return job.Request{
		Owner: job.LocalOwner, Fingerprint: fp(rapid.IntRange(0, modelComputations-1).Draw(m.t, "computation")), MaxAttempts: mostFailures, Queue: "small",
		Spec: job.Spec{Function: "fibonacci", Args: map[string]string{"n": "5"}, Method: "fast"},
	}
}

// note keeps what a submission has made.
func (m *machine) note(r job.Request, made store.Submission, err error) {
	f := r.Fingerprint
	if job.CodeOf(err) == job.Poisoned {
		m.same("submit", m.rules.submit(f, "", ""), job.Cache(""))
		return
	}
	m.must(err)
	if r.Batch != "" {
		m.inBatch[made.ID] = true
	}
	if made.Scheduled {
		m.rules.schedule(f, made.ID)
		return
	}
	m.same("submit", made.Cache, m.rules.submit(f, made.ID, made.Run.ID))
	m.runs = append(m.runs, made.Run)
}

// Submit submits a job, which is then enqueued, or not: the API may crash before.
func (m *machine) Submit(*rapid.T) {
	r := m.request()
	switch rapid.SampledFrom([]string{"plain", "plain", "deadline", "later", "batch", "retry"}).Draw(m.t, "kind") {
	case "deadline":
		r.Deadline = time.Hour
	case "later":
		r.RunAt = time.Now().Add(48 * time.Hour)
	case "batch":
		r.Batch = m.batch
	case "retry":
		r.RetryOf = m.someJob()
	}
	made, err := m.x.records.Submit(m.t.Context(), r, 1000)
	m.note(r, made, err)
	if err == nil && made.Cache == job.Miss && rapid.Bool().Draw(m.t, "enqueued") {
		m.must(m.x.queue.Enqueue(m.t.Context(), made.Run))
	}
}

// SubmitCutShort is a submission whose API crashes in the middle of it.
func (m *machine) SubmitCutShort(*rapid.T) {
	r := m.request()
	m.crash.after.Store(int64(rapid.IntRange(1, 3).Draw(m.t, "calls")))
	made, err := m.doomed.Submit(m.t.Context(), r, 1000)
	m.crash.after.Store(0)
	if err == nil || job.CodeOf(err) == job.Poisoned {
		m.note(r, made, err)
		return
	}
	if !errors.Is(err, errCrashed) {
		m.t.Fatal(err)
	}
	// Nobody was told, so that it may be there or not.
	page, _, err := m.x.records.List(m.t.Context(), job.LocalOwner, store.Filter{}, 1000, "")
	m.must(err)
	for _, rec := range page {
		if m.rules.jobs[rec.ID] == nil {
			m.same("submit", rec.Cache, m.rules.submit(rec.Fingerprint, rec.ID, rec.Run))
			m.runs = append(m.runs, store.Run{Fingerprint: rec.Fingerprint, ID: rec.Run, Spec: rec.Spec, Queue: "small"})
		}
	}
}

// Ship enters what has ended into the history, each job once.
func (m *machine) Ship(*rapid.T) {
	ids, _, err := m.x.records.Finished(m.t.Context(), job.LocalOwner, 0, 1000)
	m.must(err)
	for _, id := range ids {
		if j := m.rules.jobs[id]; j == nil || !j.state.Terminal() || j.deleted || m.shipped[id] {
			m.t.Fatalf("the history is to get %s, which is %+v, and was shipped before: %v", id, j, m.shipped[id])
		}
		m.shipped[id] = true
	}
	m.must(m.x.records.Shipped(m.t.Context(), job.LocalOwner, ids))
}

// deliver does what Asynq does when a worker takes the next task, and tells whether there was one.
func (m *machine) deliver() bool {
	ctx := m.t.Context()
	id, err := m.x.rdb.RPopLPush(ctx, pendingKey, activeKey).Result()
	if errors.Is(err, redis.Nil) {
		return false
	}
	m.must(err)
	m.must(m.x.rdb.HSet(ctx, "asynq:{small}:t:"+id, "state", "active").Err())
	m.must(m.x.rdb.ZAdd(ctx, leaseKey, redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id}).Err())
	f, run := job.Fingerprint(id[:40]), id[41:]
	m.taken = append(m.taken, store.Run{Fingerprint: f, ID: run, Queue: "small"})
	return true
}

// done does what Asynq does when a task is done, unless it is another's by now.
func (m *machine) done(r store.Run) {
	ctx := m.t.Context()
	n, err := m.x.rdb.LRem(ctx, activeKey, 0, taskID(r)).Result()
	m.must(err)
	if n > 0 {
		m.must(m.x.rdb.ZRem(ctx, leaseKey, taskID(r)).Err())
		m.must(m.x.rdb.Del(ctx, "asynq:{small}:t:"+taskID(r)).Err())
	}
	m.taken = slices.DeleteFunc(m.taken, func(other store.Run) bool { return taskID(other) == taskID(r) })
}

// Deliver hands a task to a worker.
func (m *machine) Deliver(*rapid.T) {
	if !m.deliver() {
		m.t.Skip("no task waits")
	}
}

// Claim claims what was delivered, by any worker, also by one that is thought dead.
func (m *machine) Claim(*rapid.T) {
	m.claimAs(one(m, "task", m.taken), rapid.SampledFrom(modelWorkers).Draw(m.t, "worker"), rapid.Bool().Draw(m.t, "alone"))
}

// ClaimOld claims a run that may have ended long ago.
func (m *machine) ClaimOld(*rapid.T) {
	m.claimAs(one(m, "run", m.runs), rapid.SampledFrom(modelWorkers).Draw(m.t, "worker"), rapid.Bool().Draw(m.t, "alone"))
}

func (m *machine) claimAs(r store.Run, worker string, alone bool) {
	want := m.rules.claim(r, worker, alone)
	a, ok, err := m.x.records.Claim(m.t.Context(), r, worker, alone)
	if errors.Is(err, store.ErrAlone) {
		m.same("claim", int64(-1), want)
		return
	}
	m.must(err)
	m.same("claim", a.Number, want)
	if ok {
		m.attempts = append(m.attempts, a)
	}
}

// Complete publishes a result, of an attempt that may be stale, by a worker that may be cut off.
func (m *machine) Complete(*rapid.T) {
	a := one(m, "attempt", m.attempts)
	if rapid.IntRange(0, 3).Draw(m.t, "cut") > 0 {
		m.completeAs(m.x.records, a)
		return
	}
	m.cutShort(func() error {
		_, err := m.doomed.Complete(m.t.Context(), a, modelResult(a), "")
		return err
	}, func(after *rules) { after.complete(a) })
}

func (m *machine) completeAs(s *store.Store, a store.Attempt) {
	held, err := s.Complete(m.t.Context(), a, modelResult(a), "")
	m.must(err)
	m.same("complete", held, m.rules.complete(a))
}

func modelResult(a store.Attempt) job.Result {
	return job.Result{Digits: 1, Leading: "5", Trailing: "5", Blob: result.Key(a.Run.Fingerprint, a.Run.ID, a.Number)}
}

// cutShort makes a call whose process crashes after some trips to Redis. Whether it has happened shows in the record: it has, or it has not.
func (m *machine) cutShort(call func() error, happened func(*rules)) {
	m.crash.after.Store(int64(rapid.IntRange(1, 3).Draw(m.t, "calls")))
	err := call()
	m.crash.after.Store(0)
	if err != nil && !errors.Is(err, errCrashed) && job.CodeOf(err) == "" {
		m.t.Fatal(err)
	}
	after := m.rules.clone()
	happened(after)
	for _, f := range []job.Fingerprint{fp(0), fp(1), fp(2)} {
		v, err := m.x.rdb.HMGet(m.t.Context(), fmt.Sprintf("nm:{s:%s}:comp:%s", f.Shard(), f), "state").Result()
		m.must(err)
		state, _ := v[0].(string)
		if job.ComputationState(state) != m.rules.of(f).state {
			m.rules = after
			return
		}
	}
	records, err := m.x.records.GetAll(m.t.Context(), m.rules.ids())
	m.must(err)
	for id, rec := range records {
		if rec.State != m.rules.jobs[id].state {
			m.rules = after
			return
		}
	}
	for id, j := range m.rules.jobs {
		if _, ok := records[id]; ok == j.deleted {
			m.rules = after
			return
		}
	}
}

// Fail fails an attempt.
func (m *machine) Fail(*rapid.T) {
	a, permanent := one(m, "attempt", m.attempts), rapid.IntRange(0, 3).Draw(m.t, "permanent") == 0
	o, _, err := m.x.records.Fail(m.t.Context(), a, job.Failure{Code: "internal"}, permanent)
	m.must(err)
	m.same("fail", o, m.rules.fail(a, permanent))
}

// Release gives an attempt back: its worker drains.
func (m *machine) Release(*rapid.T) {
	a := one(m, "attempt", m.attempts)
	held, err := m.x.records.Release(m.t.Context(), a)
	m.must(err)
	m.same("release", held, m.rules.release(a))
}

// Report tells how far an attempt is.
func (m *machine) Report(*rapid.T) {
	a := one(m, "attempt", m.attempts)
	held, err := m.x.records.Report(m.t.Context(), a, job.Progress{Percent: 1})
	m.must(err)
	m.same("report", held, m.rules.held(a))
}

// Cancel cancels a job, now and then by an API that crashes meanwhile.
func (m *machine) Cancel(*rapid.T) {
	id := m.someJob()
	if rapid.IntRange(0, 3).Draw(m.t, "cut") == 0 {
		m.cutShort(func() error {
			_, err := m.doomed.Cancel(m.t.Context(), job.LocalOwner, id)
			return err
		}, func(after *rules) { after.leave(id, job.Cancelled) })
		return
	}
	abandoned, err := m.x.records.Cancel(m.t.Context(), job.LocalOwner, id)
	code, last := m.rules.leave(id, job.Cancelled)
	m.same("cancel", job.CodeOf(err), code)
	m.same("abandon", abandoned != nil, last)
}

// Delete deletes a job.
func (m *machine) Delete(*rapid.T) {
	id := m.someJob()
	collected, err := m.x.records.Delete(m.t.Context(), job.LocalOwner, id)
	code, last := m.rules.remove(id)
	m.same("delete", job.CodeOf(err), code)
	m.same("collect", collected != nil, last)
	if collected != nil {
		m.collected = append(m.collected, *collected)
	}
}

// Forget removes what a deletion has left.
func (m *machine) Forget(*rapid.T) {
	c := one(m, "collected", m.collected)
	m.must(m.x.records.Forget(m.t.Context(), c))
	m.rules.forget(c)
}

// DeadlinesPass lets the deadlines of all jobs come.
func (m *machine) DeadlinesPass(*rapid.T) { m.x.bringForward("deadlines") }

// TimesCome lets the time of all scheduled jobs come.
func (m *machine) TimesCome(*rapid.T) { m.x.bringForward("scheduled") }

// PoisonFades ends the hour in which computations are refused.
func (m *machine) PoisonFades(*rapid.T) {
	for i := range modelComputations {
		f := fp(i)
		m.must(m.x.rdb.Del(m.t.Context(), fmt.Sprintf("nm:{s:%s}:comp:%s:poison", f.Shard(), f)).Err())
		m.rules.of(f).poisoned = false
	}
}

// Die kills a worker, with all that it has.
func (m *machine) Die(*rapid.T) {
	worker := rapid.SampledFrom(modelWorkers[:2]).Draw(m.t, "worker")
	m.must(m.x.records.Leave(m.t.Context(), worker))
	m.dead[worker] = true
}

// SetClock sets Redis's clock forward or back by an hour: to everything that goes by it that is the same as if all that it has noted
// were that much earlier or later.
func (m *machine) SetClock(*rapid.T) {
	by := rapid.SampledFrom([]time.Duration{-time.Hour, time.Hour}).Draw(m.t, "by")
	for _, key := range []string{"nm:workers", "nm:{o:local}:open", "nm:{o:local}:deadlines", "nm:{o:local}:scheduled"} {
		entries, err := m.x.rdb.ZRangeWithScores(m.t.Context(), key, 0, -1).Result()
		m.must(err)
		for _, z := range entries {
			z.Score = max(z.Score-float64(by.Milliseconds()), 1)
			m.must(m.x.rdb.ZAdd(m.t.Context(), key, z).Err())
		}
	}
}

// Reconcile lets the reconciler work.
func (m *machine) Reconcile(*rapid.T) { m.work() }

// work has the reconciler find everything that is amiss, and does to the rules what it has to do.
func (m *machine) work() {
	ctx := m.t.Context()
	due := map[string][]job.ID{"deadlines": m.due("deadlines"), "scheduled": m.due("scheduled")}
	m.pass()
	for worker, since := range m.x.absent {
		m.x.absent[worker] = since.Add(-m.x.delays.lost)
	}
	m.pass()
	for i := range modelComputations {
		if c := m.rules.of(fp(i)); c.state == job.ComputationRunning && m.dead[c.worker] {
			m.rules.lose(fp(i))
		}
	}
	clear(m.x.absent)
	for task, since := range m.x.unheld {
		m.x.unheld[task] = since.Add(-m.x.delays.mute)
	}
	m.pass()
	m.must(m.x.actOnTimes(ctx))
	for _, id := range due["deadlines"] {
		if m.rules.jobs[id] != nil {
			m.rules.leave(id, job.Expired)
		}
	}
	for _, id := range due["scheduled"] {
		if j := m.rules.jobs[id]; j != nil && j.state == job.Scheduled {
			rec, err := m.x.records.Get(ctx, job.LocalOwner, id)
			m.must(err)
			m.rules.begin(id, rec.Run)
			m.runs = append(m.runs, store.Run{Fingerprint: rec.Fingerprint, ID: rec.Run, Queue: "small"})
		}
	}
}

// pass lets the living workers beat, and the reconciler make one pass.
func (m *machine) pass() {
	for _, w := range modelWorkers {
		if !m.dead[w] {
			m.must(m.x.records.Beat(m.t.Context(), w))
			m.must(m.x.records.Describe(m.t.Context(), w, store.Description{Held: m.held(w)}))
		}
	}
	m.x.work()
}

// held is what a worker says that it has.
func (m *machine) held(worker string) (held []store.Holding) {
	for f, c := range m.rules.computations {
		if c.state == job.ComputationRunning && c.worker == worker {
			held = append(held, store.Holding{Fingerprint: f, Run: c.run, Attempt: c.attempt})
		}
	}
	return held
}

// due are the jobs whose time has come, in the order in which the reconciler takes them.
func (m *machine) due(list string) []job.ID {
	now, err := m.x.rdb.Time(m.t.Context()).Result()
	m.must(err)
	names, err := m.x.rdb.ZRangeByScore(m.t.Context(), "nm:{o:local}:"+list, &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10)}).Result()
	m.must(err)
	ids := make([]job.ID, len(names))
	for i, n := range names {
		ids[i] = job.ID(n)
	}
	return ids
}

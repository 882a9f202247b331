package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
)

// While others fill Redis to its maxmemory, over and over, what was accepted finishes, cancels and deletes work, and what is submitted is
// refused in a way that says when to come back. With space again submits work again.
func TestFull(t *testing.T) {
	begin(t)
	for round := range sized(3, 1) {
		p := open(t, redistest.Setting("maxmemory", "48mb"))
		p.hire(t)
		fullRound(t, p, round)
	}
}

func fullRound(t *testing.T, p *platform, round int) {
	t.Helper()
	ended := await(t, p.c, must(t, p.c, want("fibonacci", "n=77")).ID, "succeeded", platformtest.Patience)
	l := newLedger(t, p.c)
	accept := func(r map[string]any) document {
		d, err := l.take(within(t, platformtest.Patience), r)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	doomed := accept(want("factorial/recursive", fmt.Sprintf("n=%d", 400_000+round))) // huge: it runs beside the others until it is cancelled
	var accepted []document
	for i := range sized(60, 20) {
		accepted = append(accepted, accept(want("factorial/recursive", fmt.Sprintf("n=%d", 20_000+100*round+i))))
		accepted = append(accepted, accept(want("fibonacci", fmt.Sprintf("n=%d", 3_000_000+100*round+i))))
	}
	f := fill(t, p.rdb)
	f.untilFull(t)
	if open := l.open(); open == 0 {
		t.Error("everything had ended before Redis was full: this run shows nothing")
	} else {
		note(t, "jobs open when Redis was full", "%d of %d", open, len(accepted)+1)
	}
	p.answers(t, http.StatusServiceUnavailable) // it was not full at every moment until now
	refused(t, p.c)
	if d, err := cancel(within(t, platformtest.Patience), p.c, doomed.ID); err != nil || d.State != "cancelled" {
		t.Errorf("cancel on a full Redis: %v, it is %s", err, d.State)
	}
	if r, err := p.c.Do(within(t, platformtest.Patience), http.MethodDelete, "/v1/jobs/"+ended.ID, ""); err != nil || r.Status != http.StatusNoContent {
		t.Errorf("delete on a full Redis: %v %v, want 204", r, err)
	}
	states := l.settle(t, 3*time.Minute)
	note(t, "ended on a full Redis", "%s, while %d writes of the filler were refused", summary(states), f.refusals.Load())
	refused(t, p.c)
	f.empty(t)
	began := time.Now()
	again, err := l.take(within(t, platformtest.Patience), want("fibonacci", "n=4711"))
	if err != nil {
		t.Fatal(err)
	}
	await(t, p.c, again.ID, "succeeded", platformtest.Patience)
	l.watched.Wait()
	note(t, "from space to the next job done", "%v", time.Since(began).Round(time.Millisecond))
	for _, e := range l.all() {
		if e.State != "succeeded" && e.ID != doomed.ID {
			t.Errorf("%s is %s with %+v, want succeeded", e.ID, e.State, e.Error)
		}
	}
	l.verify(t)
}

// refused submits what has to be refused for want of space.
func refused(t *testing.T, c *platformtest.Client) {
	t.Helper()
	body, _ := text(want("fibonacci", "n=123456"))
	r, err := c.Do(within(t, platformtest.Patience), http.MethodPost, "/v1/jobs", body)
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || !strings.Contains(string(r.Body), "/problems/temporary-reduced-capacity") {
		t.Errorf("submit on a full Redis: %s with Retry-After %q, want 503 temporary-reduced-capacity", r, r.Header.Get("Retry-After"))
	}
}

func (l *ledger) open() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.jobs {
		if !terminal[e.State] {
			n++
		}
	}
	return n
}

// filler is another user of the same Redis, who takes every byte that there is.
type filler struct {
	rdb      *redis.Client
	refusals atomic.Int64
	full     chan struct{} // closed when a write was refused for the first time
	stop     context.CancelFunc
	done     sync.WaitGroup
}

const fillerKeys = "filler:"

// fill fills Redis until empty is called: with large values first, then with small ones, again and again.
func fill(t *testing.T, rdb *redis.Client) *filler {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	f := &filler{rdb: rdb, full: make(chan struct{}), stop: stop}
	f.done.Go(func() { f.run(ctx) })
	t.Cleanup(func() {
		stop()
		f.done.Wait()
	})
	return f
}

func (f *filler) run(ctx context.Context) {
	pause := newPace(5 * time.Millisecond)
	defer pause.stop()
	var once sync.Once
	for i, size := 0, 64<<10; ctx.Err() == nil; i++ {
		err := f.rdb.Set(ctx, fmt.Sprintf("%s%d", fillerKeys, i), strings.Repeat("x", size), 0).Err()
		switch {
		case err == nil || ctx.Err() != nil:
		case size > 64:
			size /= 4
		default:
			f.refusals.Add(1)
			once.Do(func() { close(f.full) })
			_ = pause.wait(ctx)
		}
	}
}

func (f *filler) untilFull(t *testing.T) {
	t.Helper()
	select {
	case <-f.full:
	case <-within(t, platformtest.Patience).Done():
		t.Fatal("Redis does not get full")
	}
}

// empty ends the filling and gives the space back.
func (f *filler) empty(t *testing.T) {
	t.Helper()
	f.stop()
	f.done.Wait()
	ctx := within(t, platformtest.Patience)
	keys := f.rdb.Scan(ctx, 0, fillerKeys+"*", 10_000).Iterator()
	for keys.Next(ctx) {
		if err := f.rdb.Del(ctx, keys.Val()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
}

// Above 85 % of maxmemory nothing is admitted, below it is; what is read goes on.
func TestAdmissionStops(t *testing.T) {
	begin(t)
	const most = 64 << 20
	p := open(t, redistest.Setting("maxmemory", "64mb"))
	p.hire(t)
	p.occupy(t, most*78/100)
	d := await(t, p.c, must(t, p.c, want("fibonacci", "n=5001")).ID, "succeeded", platformtest.Patience)
	p.occupy(t, most*90/100)
	p.answers(t, http.StatusServiceUnavailable)
	refused(t, p.c)
	if _, err := get(within(t, platformtest.Patience), p.c, d.ID); err != nil {
		t.Errorf("at 90 %% of maxmemory a job cannot be read: %v", err)
	}
	p.occupy(t, most*78/100)
	p.answers(t, http.StatusAccepted)
}

// answers waits until a submission is answered so: the API looks at the memory of Redis now and then.
func (p *platform) answers(t *testing.T, wanted int) {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	again := newPace(50 * time.Millisecond)
	defer again.stop()
	for i := 0; ; i++ {
		body, _ := text(want("fibonacci", fmt.Sprintf("n=%d", 6000+i)))
		r, err := p.c.Do(ctx, http.MethodPost, "/v1/jobs", body)
		if err == nil && r.Status == wanted {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("a submission is answered %s (%v), want %d", r, err, wanted)
		}
		_ = again.wait(ctx)
	}
}

// occupy writes or deletes until Redis uses about that many bytes.
func (p *platform) occupy(t *testing.T, bytes int64) {
	t.Helper()
	const step = 128 << 10
	ctx := within(t, platformtest.Patience)
	for {
		used := p.used(ctx, t)
		keys, err := p.rdb.LLen(ctx, fillerKeys).Result()
		switch {
		case err != nil:
		case used < bytes-step:
			err = p.rdb.RPush(ctx, fillerKeys, strings.Repeat("x", step)).Err()
		case used > bytes && keys > 0:
			err = p.rdb.LPop(ctx, fillerKeys).Err()
		default:
			return
		}
		if err != nil {
			t.Fatalf("use %d bytes of Redis: %v; it uses %d", bytes, err, used)
		}
	}
}

// used is how many bytes Redis says that it uses.
func (p *platform) used(ctx context.Context, t *testing.T) int64 {
	t.Helper()
	info, err := p.rdb.Info(ctx, "memory").Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "used_memory:"); ok {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("Redis does not say how much memory it uses")
	return 0
}

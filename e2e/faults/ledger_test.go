package faults_test

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"math/bits"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// ledger watches every job that was accepted, over time, and keeps what it sees of it: versions that rise, and one outcome.
type ledger struct {
	c   *platformtest.Client
	ctx context.Context // the watching ends with the run, not with a call
	// mayLose is whether Redis may forget what it was told last, when it is killed.
	mayLose bool
	died    []time.Time // when Redis was killed
	undone  int         // jobs that have gone back to before a kill

	mu      sync.Mutex
	jobs    map[string]*entry
	watched sync.WaitGroup
}

// entry is what was seen of a job.
type entry struct {
	document

	taken time.Time // when the answer came that accepted it
	seen  time.Time // when it was first seen as it is
	ended time.Time // when it was first seen in a state that never changes
	wrong []string
}

func newLedger(t *testing.T, c *platformtest.Client) *ledger {
	t.Helper()
	l := &ledger{c: c, ctx: t.Context(), jobs: map[string]*entry{}}
	t.Cleanup(l.watched.Wait)
	return l
}

// take submits a job, over and over while the server is away or full, and watches it from then on.
func (l *ledger) take(ctx context.Context, request map[string]any) (document, error) {
	again := newPace(20 * time.Millisecond)
	defer again.stop()
	for {
		d, err := submit(ctx, l.c, request)
		if err == nil {
			l.watch(d)
			return d, nil
		}
		if s := status(err); ctx.Err() != nil || (s != 0 && s != http.StatusServiceUnavailable) {
			return d, err
		}
		if err := again.wait(ctx); err != nil {
			return d, err
		}
	}
}

func (l *ledger) watch(d document) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &entry{document: d, taken: time.Now(), seen: time.Now()}
	l.jobs[d.ID] = e
	l.watched.Go(func() {
		_, err := follow(l.ctx, l.c, d.ID, func(now document) bool {
			l.saw(e, now)
			return terminal[now.State]
		})
		if err != nil && l.ctx.Err() == nil && !l.excused(err) {
			l.complain(e, fmt.Sprintf("it could not be watched to its end: %v", err))
		}
	})
}

// excused is whether a job could not be found because Redis may have lost it: lost counts those.
func (l *ledger) excused(err error) bool { return l.mayLose && status(err) == http.StatusNotFound }

// saw notes what a job looks like now, and whether it can.
func (l *ledger) saw(e *entry, now document) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := e.document
	before, _ := strconv.ParseInt(was.Version, 10, 64)
	after, err := strconv.ParseInt(now.Version, 10, 64)
	back := after < before || now.Attempt < was.Attempt || terminal[was.State] && was.outcome() != now.outcome()
	switch {
	case back && l.forgotten(e.seen):
		l.undone++
		e.ended = time.Time{}
	case err != nil || after < before:
		e.wrong = append(e.wrong, "version "+now.Version+" after "+was.Version)
	case terminal[was.State] && was.outcome() != now.outcome():
		e.wrong = append(e.wrong, "two outcomes: "+was.outcome()+", and then "+now.outcome())
	case now.Attempt < was.Attempt:
		e.wrong = append(e.wrong, fmt.Sprintf("attempt %d after %d", now.Attempt, was.Attempt))
	}
	if terminal[now.State] && e.ended.IsZero() {
		e.ended = time.Now()
	}
	if was.Version != now.Version || back {
		e.seen = time.Now()
	}
	e.document = now
}

// forgotten tells whether Redis may have lost what happened at a time: in the 2 seconds before it was killed. The lock is held.
func (l *ledger) forgotten(at time.Time) bool {
	const policy = 2 * time.Second
	return l.mayLose && slices.ContainsFunc(l.died, func(d time.Time) bool { return at.Before(d) && d.Sub(at) < policy })
}

// redisDied notes when Redis was killed.
func (l *ledger) redisDied() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.died = append(l.died, time.Now())
}

func (l *ledger) complain(e *entry, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.wrong = append(e.wrong, what)
}

// end waits until a job has ended and returns it.
func (l *ledger) end(ctx context.Context, id string) (document, error) {
	return follow(ctx, l.c, id, func(d document) bool { return terminal[d.State] })
}

// ids returns the ids of everything that was accepted, oldest first.
func (l *ledger) ids() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.jobs))
}

// all returns everything that was accepted. It may be read when nothing is watched any more.
func (l *ledger) all() []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := make([]*entry, 0, len(l.jobs))
	for _, e := range l.jobs {
		found = append(found, e)
	}
	return found
}

// settle waits until every job has ended, looks at each once more and reports all that is wrong. It returns how many ended in which state.
func (l *ledger) settle(t *testing.T, timeout time.Duration) map[string]int {
	t.Helper()
	ctx := within(t, timeout)
	states := map[string]int{}
	var slowest *entry
	for _, id := range l.ids() {
		if d, err := l.end(ctx, id); err != nil {
			t.Fatalf("%s (%s %v), accepted at %v, has not ended at %v: it is %s in attempt %d: %v", id, d.Function, d.Args,
				d.CreatedAt, time.Now().UTC(), d.State, d.Attempt, err)
		}
	}
	l.watched.Wait()
	for _, e := range l.all() {
		d, err := get(ctx, l.c, e.ID)
		if err != nil {
			t.Errorf("%s cannot be read any more: %v", e.ID, err)
			continue
		}
		l.saw(e, d)
		states[d.State]++
		if slowest == nil || e.ended.Sub(e.taken) > slowest.ended.Sub(slowest.taken) {
			slowest = e
		}
		for _, wrong := range e.wrong {
			t.Errorf("%s (%s %v): %s", e.ID, e.Function, e.Args, wrong)
		}
	}
	if slowest != nil {
		note(t, "the slowest job", "%v: %s %v, %s in attempt %d, %s", slowest.ended.Sub(slowest.taken).Round(time.Millisecond), slowest.Function,
			slowest.Args, slowest.State, slowest.Attempt, slowest.ID)
	}
	return states
}

// verify checks the digits of every job that has succeeded against math/big, or modulo a prime if they are many.
func (l *ledger) verify(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range l.all() {
		if e.State != "succeeded" || seen[e.Function+e.Method+e.Args["n"]+e.Result.SHA256] {
			continue
		}
		seen[e.Function+e.Method+e.Args["n"]+e.Result.SHA256] = true
		r, err := l.c.Do(within(t, platformtest.Patience), http.MethodGet, "/v1/jobs/"+e.ID+"/result", "")
		if err != nil || r.Status != http.StatusOK {
			t.Errorf("the digits of %s: %v %v", e.ID, r.Status, err)
			continue
		}
		if wrong := check(e.document, r.Body); wrong != "" {
			t.Errorf("%s of %v: %s", e.Function, e.Args, wrong)
		}
	}
	note(t, "digits checked", "%d different numbers", len(seen))
}

// check says what is wrong with digits.
func check(d document, digits []byte) string {
	n, err := strconv.ParseUint(d.Args["n"], 10, 64)
	if err != nil {
		return err.Error()
	}
	if got := hexSHA256(digits); got != d.Result.SHA256 {
		return "the digits have SHA-256 " + got + ", the job says " + d.Result.SHA256
	}
	const exactly = 20_000
	switch {
	case d.Function == "fibonacci" && n <= exactly:
		if exact := fibonacci(n, nil); exact.String() != string(digits) {
			return "the digits are wrong"
		}
	case d.Function == "fibonacci":
		p := new(big.Int).SetUint64(prime)
		if got, exact := residue(digits), fibonacci(n, p).Uint64(); got != exact {
			return fmt.Sprintf("the digits are %d modulo %d, want %d", got, uint64(prime), exact)
		}
	case d.Function == "factorial":
		if got, exact := residue(digits), factorial(n); got != exact {
			return fmt.Sprintf("the digits are %d modulo %d, want %d", got, uint64(prime), exact)
		}
	default:
		return "nobody knows what they should be"
	}
	return ""
}

// prime is 2^61 − 1.
const prime = 1<<61 - 1

// fibonacci doubles: F(2k) = F(k)·(2F(k+1) − F(k)), F(2k+1) = F(k)² + F(k+1)²; modulo m unless that is nil.
func fibonacci(n uint64, m *big.Int) *big.Int {
	reduce := func(x *big.Int) *big.Int {
		if m != nil {
			x.Mod(x, m)
		}
		return x
	}
	f, g := big.NewInt(0), big.NewInt(1)
	for i := bits.Len64(n) - 1; i >= 0; i-- {
		double := new(big.Int).Lsh(g, 1)
		even := reduce(new(big.Int).Mul(f, double.Sub(double, f)))
		odd := reduce(new(big.Int).Add(new(big.Int).Mul(f, f), new(big.Int).Mul(g, g)))
		f, g = even, odd
		if n>>i&1 == 1 {
			f, g = odd, reduce(new(big.Int).Add(even, odd))
		}
	}
	return f
}

// factorial is by the definition, modulo prime.
func factorial(n uint64) uint64 {
	r := uint64(1)
	for i := uint64(2); i <= n; i++ {
		r = mulmod(r, i)
	}
	return r
}

// residue returns the number that is written in digits, modulo prime.
func residue(digits []byte) uint64 {
	var r uint64
	for _, d := range digits {
		r = (mulmod(r, 10) + uint64(d-'0')) % prime
	}
	return r
}

func mulmod(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, r := bits.Div64(hi, lo, prime)
	return r
}

// summary is how many jobs ended in which state.
func summary(states map[string]int) string {
	var parts []string
	for _, s := range []string{"succeeded", "failed", "cancelled", "expired"} {
		if states[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", states[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

package memory

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// taker asks a budget in the background.
type taker struct {
	t      *testing.T
	budget *Budget
}

// ask begins to ask for bytes, and returns once it has them or waits.
func (x taker) ask(ctx context.Context, bytes int64) *taking {
	x.t.Helper()
	k := &taking{t: x.t}
	go func() {
		giveBack, err := x.budget.Take(ctx, bytes)
		k.giveBack, k.err = giveBack, err
		k.ended.Store(true)
	}()
	synctest.Wait()
	return k
}

// taking is one call of Take.
type taking struct {
	t        *testing.T
	ended    atomic.Bool
	giveBack func()
	err      error
}

func (k *taking) has() bool { return k.ended.Load() && k.err == nil }

func (k *taking) want(has bool, what string) {
	k.t.Helper()
	if got := k.has(); got != has {
		k.t.Errorf("%s: got it %v, want %v", what, got, has)
	}
}

func (k *taking) release() {
	k.t.Helper()
	if !k.has() {
		k.t.Fatal("there is nothing to give back")
	}
	k.giveBack()
	synctest.Wait()
}

func TestWhoDoesNotFitWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := taker{t, NewBudget(100)}
		first, second, third := x.ask(t.Context(), 60), x.ask(t.Context(), 60), x.ask(t.Context(), 100)
		first.want(true, "the first")
		second.want(false, "the second")
		if got := x.budget.Waiting(); got != 2 {
			t.Errorf("%d wait, want 2", got)
		}
		first.release()
		second.want(true, "the second after the first")
		third.want(false, "the third before the second has ended")
		second.release()
		third.want(true, "the third after the second")
		third.release()
	})
}

func TestSmallOnesPassAsLongAsTheyDelayNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := taker{t, NewBudget(100)}
		running := x.ask(t.Context(), 50)
		large := x.ask(t.Context(), 90)
		small := x.ask(t.Context(), 30)
		small.want(true, "a small one, while what runs leaves too little for the large one anyway")
		running.release()
		large.want(false, "the large one, for which the small one leaves too little")
		late := x.ask(t.Context(), 30)
		late.want(false, "another small one, which would delay the large one")
		small.release()
		large.want(true, "the large one")
		late.want(false, "the late one beside the large one")
		large.release()
		late.want(true, "the late one in the end")
		late.release()
	})
}

func TestTooMuchIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := NewBudget(100)
	if _, err := b.Take(t.Context(), 101); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want it too large", err)
	}
	giveBack, err := b.Take(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	giveBack()
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := taker{t, NewBudget(100)}
		running := x.ask(t.Context(), 60)
		why := errors.New("cancelled")
		ctx, cancel := context.WithCancelCause(t.Context())
		waiting := x.ask(ctx, 60)
		behind := x.ask(t.Context(), 40)
		cancel(why)
		synctest.Wait()
		if !waiting.ended.Load() || !errors.Is(waiting.err, why) {
			t.Errorf("got %v, want the cause of the context's end", waiting.err)
		}
		behind.want(true, "who was behind")
		if again := x.ask(ctx, 1); !errors.Is(again.err, why) {
			t.Errorf("after the end: got %v, want its cause", again.err)
		}
		running.release()
		behind.release()
		if got := x.budget.Waiting(); got != 0 || len(x.budget.holders) != 0 {
			t.Errorf("%d wait and %d hold, want none", got, len(x.budget.holders))
		}
	})
}

// Whatever the mix, nobody takes more than there is, and everybody gets what it wants in the end.
func TestEverybodyGetsItsTurn(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	synctest.Test(t, func(t *testing.T) {
		const total, asking = 1000, 300
		rnd := rand.New(rand.NewPCG(seed, 0))
		b := NewBudget(total)
		var used, served atomic.Int64
		var all sync.WaitGroup
		for range asking {
			bytes, hold, after := rnd.Int64N(total)+1, time.Duration(rnd.IntN(1000))*time.Millisecond, time.Duration(rnd.IntN(100_000))*time.Millisecond
			all.Go(func() {
				<-time.After(after)
				giveBack, err := b.Take(t.Context(), bytes)
				if err != nil {
					t.Error(err)
					return
				}
				if now := used.Add(bytes); now > total {
					t.Errorf("seed %d: %d bytes are in use of %d", seed, now, total)
				}
				<-time.After(hold)
				used.Add(-bytes)
				served.Add(1)
				giveBack()
			})
		}
		all.Wait()
		if got := served.Load(); got != asking {
			t.Errorf("seed %d: %d of %d were served", seed, got, asking)
		}
	})
}

func TestTakeFreeWaitsForNobodyAndOvertakesNobody(t *testing.T) {
	t.Parallel()
	b := NewBudget(10)
	giveBack, ok := b.TakeFree(6)
	if !ok {
		t.Fatal("6 of 10 bytes are not free")
	}
	if _, ok := b.TakeFree(5); ok {
		t.Error("got 5 more")
	}
	waits := make(chan struct{})
	go func() {
		defer close(waits)
		give, err := b.Take(t.Context(), 9)
		if err != nil {
			t.Error(err)
			return
		}
		give()
	}()
	for b.Waiting() == 0 {
		runtime.Gosched()
	}
	if _, ok := b.TakeFree(1); ok {
		t.Error("overtook one who waits")
	}
	giveBack()
	<-waits
	if giveBack, ok = b.TakeFree(10); !ok {
		t.Fatal("not all of it came back")
	}
	giveBack()
}

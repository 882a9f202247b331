package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func TestManyComputationsAreReadAsOneIs(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.submit(fp(1))
	x.claim(x.submit(fp(2)).Run)
	x.compute(x.submit(fp(3)).Run)
	want := map[job.Fingerprint]store.Pending{}
	for _, f := range []job.Fingerprint{fp(1), fp(2)} {
		p, ok, err := x.s.Pending(t.Context(), f)
		if err != nil || !ok {
			t.Fatalf("read one: got %v, %v, want it", ok, err)
		}
		want[f] = p
	}
	got, err := x.s.PendingAll(t.Context(), []job.Fingerprint{fp(1), fp(2), fp(3), fp(4)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read together (-want +got):\n%s", diff)
	}
}

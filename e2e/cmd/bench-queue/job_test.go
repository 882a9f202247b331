package main

import (
	"errors"
	"testing"
)

func TestDigits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		j    job
		want string
	}{
		{job{n: 0}, "0"},
		{job{n: 1}, "1"},
		{job{n: 100}, "354224848179261915075"},
		{job{n: 10, sum: true}, "143"},
	} {
		if got := tt.j.digits(); got != tt.want {
			t.Errorf("%s of %d: got %s, want %s", tt.j.function(), tt.j.n, got, tt.want)
		}
		tt.j.check = true
		if err := tt.j.compare(tt.want); err != nil {
			t.Error(err)
		}
		if err := tt.j.compare(tt.want + "0"); err == nil {
			t.Errorf("%s of %d may be %s0", tt.j.function(), tt.j.n, tt.want)
		}
	}
}

func TestJobsAreDifferent(t *testing.T) {
	t.Parallel()
	for _, all := range []*jobs{measured(), warming(), {low: 9000, high: 9064}} {
		seen, want := make(map[job]bool), 2*(all.high-all.low)
		longest := job{n: all.high, sum: true}.digits()
		if len(longest) >= 2000 {
			t.Errorf("a result has %d digits", len(longest))
		}
		for j, ok := all.take(); ok; j, ok = all.take() {
			j.check = false
			if seen[j] || j.n < all.low || j.n >= all.high {
				t.Fatalf("%v comes twice or is out of bounds", j)
			}
			seen[j] = true
		}
		if len(seen) != want {
			t.Errorf("got %d jobs, want %d", len(seen), want)
		}
	}
	if fits := 2 * (measured().high - measured().low); fits < fullBatch {
		t.Errorf("%d jobs are too few for a batch", fits)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const digest = `"sha256":"a145ff6bb2ff95ccd01b1f1d1a6cb7d5ab8ff2c0ed9d2ecbeb0b32fd2ee8ea44"` // of something else
	answer := func(more string) []byte {
		return []byte(`{"id":"job_1","state":"succeeded","result":{"cache":"miss",` + more + `"verification":{"status":"passed"}}}`)
	}
	j := job{n: 10}
	if id, err := verify(j, 200, answer(""), saysMiss); err != nil || id != "job_1" {
		t.Errorf("got %q (%v)", id, err)
	}
	for name, err := range map[string]error{
		"not yet":   second(verify(j, 202, answer(""), saysMiss)),
		"a hit":     second(verify(j, 200, answer(""), saysHit)),
		"no result": second(verify(j, 200, []byte(`{"id":"job_1","state":"running"}`), saysMiss)),
		"wrong":     second(verify(job{n: 10, check: true}, 200, answer(digest+","), saysMiss)),
	} {
		if err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	j.check = true // F(10) = 55
	if _, err := verify(j, 200, answer(`"sha256":"02d20bbd7e394ad5999a4cebabac9619732c343a4cac99470c03e23ba2bdc2bc",`), saysMiss); err != nil {
		t.Error(err)
	}
}

func second(_ string, err error) error { return err }

func TestReadPeer(t *testing.T) {
	t.Parallel()
	if got, err := readPeer(200, []byte(`{"id":"7","state":"completed","result":"55"}`)); err != nil || got.ID != "7" || got.Result != "55" {
		t.Errorf("got %+v (%v)", got, err)
	}
	for _, answer := range []string{"", `{"id":"7","state":"active"}`, `{"state":"completed"}`} {
		if _, err := readPeer(200, []byte(answer)); !errors.Is(err, errWrong) {
			t.Errorf("%q: got %v", answer, err)
		}
	}
}

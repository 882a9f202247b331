package job_test

import (
	"strings"
	"testing"
	"time"

	"numbermill/shared/job"
)

const fingerprint job.Fingerprint = "abc4567890abcdef0123456789abcdef01234567"

func TestNewID(t *testing.T) {
	t.Parallel()
	before := time.Now().Truncate(time.Millisecond)
	id, err := job.NewID(fingerprint)
	after := time.Now()
	if err != nil {
		t.Fatal(err)
	}
	if len(id) != len("job_")+36 || !strings.HasPrefix(string(id), "job_") || !strings.HasSuffix(string(id), "abc") {
		t.Errorf("got id %q, want job_, a UUID, and the shard abc at its end", id)
	}
	if got, ok := job.ParseID(string(id)); !ok || got != id {
		t.Errorf("ParseID(%q): got %q, %v, want the id itself", id, got, ok)
	}
	if got, want := id.Shard(), fingerprint.Shard(); got != want {
		t.Errorf("got shard %q, want %q", got, want)
	}
	if got, ok := id.Time(); !ok || got.Before(before) || got.After(after) {
		t.Errorf("got time %v, %v, want one between %v and %v", got, ok, before, after)
	}
}

func TestNewIDsRise(t *testing.T) {
	t.Parallel()
	// The shard at the end must not disturb the order in which ids were drawn.
	shards := []job.Fingerprint{"fff" + fingerprint[3:], "000" + fingerprint[3:]}
	var last job.ID
	for i := range 10_000 {
		id, err := job.NewID(shards[i%len(shards)])
		if err != nil {
			t.Fatal(err)
		}
		if id <= last {
			t.Fatalf("id %d: got %q after %q, want a greater one", i, id, last)
		}
		last = id
	}
}

func TestNewIDNeedsAFingerprint(t *testing.T) {
	t.Parallel()
	for _, f := range []job.Fingerprint{"", "abc", fingerprint[1:], fingerprint + "0", "ABC" + fingerprint[3:], "xyz" + fingerprint[3:]} {
		if id, err := job.NewID(f); err == nil {
			t.Errorf("NewID(%q): got %q, want an error", f, id)
		}
		if f.Valid() {
			t.Errorf("%q counts as a fingerprint", f)
		}
		if got := f.Shard(); got != "" {
			t.Errorf("shard of %q: got %q, want none", f, got)
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	t.Parallel()
	const good = "job_01932f3a-5b6c-7d8e-9fa0-b1c2d3e4fabc"
	if _, ok := job.ParseID(good); !ok {
		t.Fatalf("ParseID(%q) refuses a good id", good)
	}
	for name, s := range map[string]string{
		"nothing":            "",
		"prefix alone":       "job_",
		"no prefix":          good[4:],
		"other prefix":       "run_" + good[4:],
		"upper case":         strings.ToUpper(good),
		"upper-case digits":  "job_" + strings.ToUpper(good[4:]),
		"too short":          good[:len(good)-1],
		"too long":           good + "0",
		"no hyphens":         "job_" + strings.ReplaceAll(good[4:], "-", ""),
		"braces":             "job_{" + good[4:] + "}",
		"URN":                "job_urn:uuid:" + good[4:],
		"another version":    strings.Replace(good, "-7d", "-4d", 1),
		"another variant":    strings.Replace(good, "-9f", "-cf", 1),
		"not hexadecimal":    strings.Replace(good, "0193", "01g3", 1),
		"a newline":          good + "\n",
		"a slash":            strings.Replace(good, "-7d", "/7d", 1),
		"a brace of a slot":  strings.Replace(good, "-7d", "}7d", 1),
		"spaces around":      " " + good,
		"a zero byte inside": strings.Replace(good, "0193", "01\x003", 1),
	} {
		if id, ok := job.ParseID(s); ok {
			t.Errorf("%s: ParseID(%q) gives %q, want a refusal", name, s, id)
		}
		if at, ok := job.ID(s).Time(); ok {
			t.Errorf("%s: %q has the time %v, want none", name, s, at)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"", "job_", "x", "job_01932f3a-5b6c-7d8e-9fa0-b1c2d3e4fabc", "job_ffffffff-ffff-7fff-bfff-ffffffffffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shard := job.ID(s).Shard() // must not panic, whatever s is
		id, ok := job.ParseID(s)
		if !ok {
			return
		}
		if string(id) != s || len(shard) != job.ShardDigits {
			t.Errorf("ParseID(%q): got %q with shard %q", s, id, shard)
		}
		if at, ok := id.Time(); !ok || at.Before(time.Unix(0, 0)) {
			t.Errorf("%q has the time %v, %v", id, at, ok)
		}
	})
}

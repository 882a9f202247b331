package platformtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLogSplitsLines(t *testing.T) {
	t.Parallel()
	l := newLog()
	for _, piece := range []string{"one\ntw", "o\n", `{"message":"hello","n":3}`, "\nrest"} {
		if n, err := l.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatalf("write %q: %d, %v", piece, n, err)
		}
	}
	l.end()
	var got []string
	for _, line := range l.Lines() {
		got = append(got, line.Raw)
	}
	if diff := cmp.Diff(got, []string{"one", "two", `{"message":"hello","n":3}`, "rest"}); diff != "" {
		t.Errorf("the lines differ (-got +want):\n%s", diff)
	}
	hello := l.Lines()[2]
	if hello.Message() != "hello" || hello.Text("n") != "3" || hello.Text("none") != "" || l.Lines()[0].Message() != "" {
		t.Errorf("the line of JSON says %q with n=%q", hello.Message(), hello.Text("n"))
	}
}

func TestLogSearch(t *testing.T) {
	t.Parallel()
	is := func(text string) func(Line) bool { return func(l Line) bool { return l.Raw == text } }
	one, two := newLog(), newLog()
	go func() {
		_, _ = one.Write([]byte("a\n"))
		one.end()
		_, _ = two.Write([]byte("a\nb\n"))
	}()
	if i, line := AwaitAny(t, Patience, "b", is("b"), one, two); i != 1 || line.Raw != "b" {
		t.Errorf("found %q in log %d, want b in log 1", line.Raw, i)
	}
	if _, err := one.search(t.Context(), is("b")); err == nil {
		t.Error("a log that has ended is searched for ever, or has what is not in it")
	}
	if got := two.Find(is("a")); len(got) != 1 {
		t.Errorf("found %d lines, want 1", len(got))
	}
}

package runner

import (
	"strings"
	"testing"

	"numbermill/shared/job"
)

func TestDocumentsArePublished(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Submit("fibonacci", "n=1000000000000", "facts")
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Fatal(err)
	}
	r := x.WantState(s, job.Succeeded)
	if r.Result == nil {
		t.Fatal("there is no result")
	}
	if r.Result.Type() != job.DocumentType || r.Result.Size() == 0 || r.Result.Digits != 0 || r.Result.Verification.Method != job.ByFacts {
		t.Errorf("got %+v, want a document checked by its facts", r.Result)
	}
	digits, err := x.Records.Digits(t.Context(), r.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if r.Result.Blob == "" && !strings.HasPrefix(digits, "{") {
		t.Errorf("the text is %.80q, want a JSON object", digits)
	}
}

func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.Submit("fibonacci", "n=20", "recursive")
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Fatal(err)
	}
	// F(n) takes 2·F(n+1) − 1 calls.
	if r := x.WantState(s, job.Succeeded); r.Result == nil || r.Result.Calls != 2*10946-1 || r.Result.Type() != job.DigitsType {
		t.Errorf("got %+v, want digits after 21,891 calls", r.Result)
	}
}

package verify_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/verify"
)

func TestADocumentIsTakenUpToItsLimit(t *testing.T) {
	t.Parallel()
	d, err := verify.NewText(function.Document)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("facts", function.MaxDocument/5)
	for _, half := range []string{text[:1000], text[1000:]} {
		if n, err := d.Write([]byte(half)); n != len(half) || err != nil {
			t.Fatalf("got %d, %v, want %d bytes taken", n, err, len(half))
		}
	}
	sum := sha256.Sum256([]byte(text))
	r := d.Result()
	if r.Size() != int64(len(text)) || r.Type() != job.DocumentType || r.Digits != 0 || r.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("got %+v, want a document of %d bytes", r, len(text))
	}
	if _, err := d.Write([]byte(text[:6])); err == nil {
		t.Error("more than the limit is taken")
	}
}

func TestTextsByKind(t *testing.T) {
	t.Parallel()
	d, err := verify.NewText(function.Digits)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("{}")); err == nil {
		t.Error("braces are taken for digits")
	}
}

// A method without documents is a mistake of the caller, not a wrong result.
func TestADocumentByAMethodOfDigits(t *testing.T) {
	t.Parallel()
	f, _ := function.Lookup("fibonacci")
	a, err := f.ParseText(n("12"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := new(verify.Document).Check(t.Context(), f, a, function.DefaultMethod); !errors.Is(err, function.ErrUnknownMethod) || errors.Is(err, verify.ErrMismatch) {
		t.Errorf("got %v, want an unknown method", err)
	}
}

// made returns the document of facts about F(100).
func made(t *testing.T, f *function.Function, a function.Args) string {
	t.Helper()
	result, err := f.Compute(t.Context(), a, "facts", function.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := result.WriteText(t.Context(), &text, nil); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestDocumentsAreCheckedStatementByStatement(t *testing.T) {
	t.Parallel()
	f, _ := function.Lookup("fibonacci")
	a, err := f.ParseText(n("100"))
	if err != nil {
		t.Fatal(err)
	}
	right := made(t, f, a)
	if !strings.Contains(right, "354224848179261915075") {
		t.Fatalf("the facts do not say what F(100) is: %s", right)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"right":            {right, nil},
		"a wrong digit":    {strings.ReplaceAll(right, "354224848179261915075", "354224848179261915076"), verify.ErrMismatch},
		"cut off":          {right[:len(right)/2], verify.ErrMismatch},
		"nothing":          {"", verify.ErrMismatch},
		"not about F(100)": {strings.ReplaceAll(right, "F(100)", "F(101)"), verify.ErrMismatch},
	} {
		var d verify.Document
		if _, err := d.Write([]byte(c.text)); err != nil {
			t.Fatal(err)
		}
		v, err := d.Check(t.Context(), f, a, "facts")
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if c.want == nil && (v.Method != job.ByFacts || len(v.Moduli) != 0) {
			t.Errorf("%s: got %+v, want it checked by its facts", name, v)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var d verify.Document
	if _, err := d.Write([]byte(right)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Check(ctx, f, a, "facts"); errors.Is(err, verify.ErrMismatch) {
		t.Errorf("at the context's end: got %v, want no mismatch", err)
	}
}

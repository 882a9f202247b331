package verify_test

import (
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

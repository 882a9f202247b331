package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"numbermill/shared/function"
	"numbermill/shared/job"
)

// Document is an io.Writer that takes the text of a document about a number. The zero Document is ready to use.
type Document struct{ text []byte }

// Write takes more of the text. It fails beyond function.MaxDocument bytes.
func (d *Document) Write(text []byte) (int, error) {
	if len(d.text)+len(text) > function.MaxDocument {
		return 0, fmt.Errorf("the document has more than %d bytes", function.MaxDocument)
	}
	d.text = append(d.text, text...)
	return len(text), nil
}

// Result is what is known of the document by now; timing, verification and place are the caller's to add.
func (d *Document) Result() job.Result {
	sum := sha256.Sum256(d.text)
	return job.Result{MediaType: job.DocumentType, Bytes: int64(len(d.text)), SHA256: hex.EncodeToString(sum[:])}
}

// Check has the function check each statement of the document. It fails with ErrMismatch, or with the context's error.
func (d *Document) Check(ctx context.Context, f *function.Function, a function.Args, method string) (job.Verification, error) {
	err := f.CheckDocument(ctx, a, method, d.text)
	switch {
	case err == nil:
		return job.Verification{Method: job.ByFacts}, nil
	case ctx.Err() != nil, errors.Is(err, function.ErrUnknownMethod):
		return job.Verification{}, err
	}
	return job.Verification{}, fmt.Errorf("%w: %w", ErrMismatch, err)
}

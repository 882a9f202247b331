package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"numbermill/api"
)

// mostFieldErrors is how many wrong fields one answer lists.
const mostFieldErrors = 20

// bodyCounter counts what is read of a body.
type bodyCounter struct {
	io.ReadCloser

	read int64
}

// countBody has the body of a request be counted; nil if it has none.
func countBody(r *http.Request) *bodyCounter {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	c := &bodyCounter{ReadCloser: r.Body}
	r.Body = c
	return c
}

// Read implements io.Reader.
func (c *bodyCounter) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.read += int64(n)
	return n, err
}

// bytes is how many were read; 0 of no body.
func (c *bodyCounter) bytes() int64 {
	if c == nil {
		return 0
	}
	return c.read
}

// object is a JSON object as it was sent: every value as its own text, so that 1e6, 2.0 and integers of any size survive.
type object struct {
	names  []string
	values map[string]jsontext.Value
}

// readObject reads a request's body, which has to be one JSON object.
func (s *Server) readObject(w http.ResponseWriter, r *http.Request) (object, error) {
	return s.readObjectWithin(w, r, s.MaxBody)
}

// readObjectWithin reads a body of up to so many bytes.
func (s *Server) readObjectWithin(w http.ResponseWriter, r *http.Request, most int64) (object, error) {
	if err := checkContentType(r.Header); err != nil {
		return object{}, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err == nil {
		// The deadline for the body must not end a long poll. A writer without deadlines, as in a test, goes without.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	} else {
		// It stays after a failure: net/http waits for the rest of the body before it sends the answer.
		w.Header().Set("Connection", "close")
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return object{}, err
	}
	if err != nil {
		return object{}, refuse(malformed, "The body broke off before its end. Send it again.")
	}
	return parseObject(body)
}

func checkContentType(h http.Header) error {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return refuse(unsupportedMedia, "The body is encoded as %q. Send it without Content-Encoding.", shorten(coding))
	}
	given := h.Get("Content-Type")
	if given == jsonType {
		return nil
	}
	name, params, err := mime.ParseMediaType(given)
	// A relative such as application/merge-patch+json is JSON too, but with a meaning that nothing here gives it.
	if err != nil || name != jsonType {
		return refuse(unsupportedMedia, "The Content-Type is %q. Send JSON, with the header Content-Type: application/json.", shorten(given))
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return refuse(unsupportedMedia, "The charset is %q. Send JSON in UTF-8, with the header Content-Type: application/json.", shorten(charset))
	}
	return nil
}

// parseObject reads one JSON object and nothing after it. Duplicate members at any depth, invalid UTF-8 and nesting beyond 10,000 levels
// are refused by the decoder.
func parseObject(body []byte) (object, error) {
	if from := skipSpace(body, 0); from < len(body) {
		if o, length, ok := plainObject(body[from:], deepest); ok && skipSpace(body, from+length) == len(body) {
			return o, nil
		}
	}
	return decodeObject(body)
}

// decodeObject is parseObject by the decoder alone.
func decodeObject(body []byte) (object, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return object{}, refuse(malformed, `The body is empty. Send a JSON object such as {"function":"fibonacci","args":{"n":"1000"}}.`)
	}
	d := jsontext.NewDecoder(bytes.NewReader(body))
	whole, err := d.ReadValue()
	if err != nil {
		return object{}, explainSyntax(err)
	}
	whole = whole.Clone()
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return object{}, refuse(malformed, "Something follows the JSON object after byte %d. Send one object.", len(whole))
	}
	if whole.Kind() != jsontext.KindBeginObject {
		return object{}, refuseFields([]api.FieldError{{Pointer: "", Detail: "The body is " + kindOf(whole) + ". Send an object."}})
	}
	return decodeMembers(whole)
}

// splitObject takes a valid object apart by one level.
func splitObject(v jsontext.Value) (object, error) {
	if o, _, ok := plainObject(v, deepest); ok {
		return o, nil
	}
	return decodeMembers(v)
}

// decodeMembers is splitObject by the decoder alone.
func decodeMembers(v jsontext.Value) (object, error) {
	o := object{values: map[string]jsontext.Value{}}
	d := jsontext.NewDecoder(bytes.NewReader(v))
	if _, err := d.ReadToken(); err != nil {
		return object{}, explainSyntax(err)
	}
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadToken()
		if err != nil {
			return object{}, explainSyntax(err)
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return object{}, explainSyntax(err)
		}
		end := d.InputOffset()
		o.names = append(o.names, key)
		o.values[key] = v[end-int64(len(value)) : end] // the decoder's own is gone with its next step
	}
	return o, nil
}

func explainSyntax(err error) error {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok:
		return refuse(malformed, "The body is JSON that breaks off before its end. Close what was opened.")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return refuse(malformed, "The member %s appears twice. Send it once.", shorten(string(syntax.JSONPointer)))
	default:
		return refuse(malformed, "The body is not valid JSON at byte %d: %s.", syntax.ByteOffset, shorten(syntax.Err.Error()))
	}
}

func kindOf(v jsontext.Value) string {
	switch v.Kind() {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "an array"
	default:
		return "true or false"
	}
}

// refuseFields names everything that is wrong in one answer.
func refuseFields(fields []api.FieldError) error {
	e := refuse(invalidArguments, "%s", fields[0].Detail)
	if more := len(fields) - 1; more > 0 {
		e.detail += " See errors for the rest."
	}
	e.fields = fields[:min(len(fields), mostFieldErrors)]
	return e
}

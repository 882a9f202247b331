package store

import (
	"encoding/json"
	"math"
	"strconv"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
)

// appendText appends a member, unless it is empty.
func appendText(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return plainjson.AppendString(append(append(append(b, `,"`...), name...), `":`...), text)
}

// appendMillis appends a member, unless it is 0.
func appendMillis(b []byte, name string, ms int64) []byte {
	if ms == 0 {
		return b
	}
	return strconv.AppendInt(append(append(append(b, `,"`...), name...), `":`...), ms, 10)
}

// appendTexts appends a member, unless it is empty.
func appendTexts(b []byte, name string, texts map[string]string) []byte {
	if len(texts) == 0 {
		return b
	}
	return plainjson.AppendMap(append(append(append(b, `,"`...), name...), `":`...), texts)
}

// appendDocument appends a document as json.Marshal writes it.
func appendDocument(b []byte, d document) []byte {
	b = plainjson.AppendString(append(b, `{"id":`...), string(d.ID))
	b = plainjson.AppendString(append(b, `,"owner":`...), string(d.Owner))
	b = appendSpec(append(b, `,"spec":`...), d.Spec)
	b = plainjson.AppendString(append(b, `,"fingerprint":`...), string(d.Fingerprint))
	b = appendTexts(b, "labels", d.Labels)
	b = strconv.AppendInt(append(b, `,"max_attempts":`...), int64(d.MaxAttempts), 10)
	b = strconv.AppendInt(append(b, `,"estimated_cost":`...), d.EstimatedCost, 10)
	b = appendText(b, "priority", string(d.Priority))
	b = appendText(b, "queue", d.Queue)
	b = appendText(b, "retry_of", string(d.RetryOf))
	b = appendText(b, "batch", string(d.Batch))
	b = plainjson.AppendString(append(b, `,"trace_id":`...), d.TraceID)
	b = strconv.AppendInt(append(b, `,"created_ms":`...), d.CreatedMillis, 10)
	b = appendMillis(b, "run_at_ms", d.RunAtMillis)
	b = appendMillis(b, "deadline_ms", d.DeadlineMillis)
	b = appendTexts(b, "trace", d.Trace)
	return append(b, '}')
}

// usualText is what a document or a result takes, or a little more, in bytes.
const usualText = 768

// encodeResult writes a result as json.Marshal does, which itself writes those with times that no attempt takes.
func encodeResult(r job.Result) ([]byte, error) {
	t := r.Timing
	if !isUsual(t.Queue) || !isUsual(t.Compute) || !isUsual(t.Write) {
		return json.Marshal(r)
	}
	b := append(make([]byte, 0, usualText), '{')
	if r.MediaType != "" {
		b = append(plainjson.AppendString(append(b, `"media_type":`...), r.MediaType), ',')
	}
	if r.Bytes != 0 {
		b = append(strconv.AppendInt(append(b, `"bytes":`...), r.Bytes, 10), ',')
	}
	b = strconv.AppendInt(append(b, `"digits":`...), r.Digits, 10)
	b = plainjson.AppendString(append(b, `,"leading":`...), r.Leading)
	b = plainjson.AppendString(append(b, `,"trailing":`...), r.Trailing)
	b = strconv.AppendInt(append(b, `,"trailing_zeros":`...), r.TrailingZeros, 10)
	b = plainjson.AppendString(append(b, `,"sha256":`...), r.SHA256)
	if r.Calls != 0 {
		b = append(strconv.AppendUint(append(b, `,"calls":"`...), r.Calls, 10), '"')
	}
	b = appendFloat(append(b, `,"timing_ms":{"queue":`...), t.Queue)
	b = appendFloat(append(b, `,"compute":`...), t.Compute)
	b = appendFloat(append(b, `,"write":`...), t.Write)
	b = strconv.AppendInt(append(b, `},"cpu_ms":`...), r.CPUMillis, 10)
	b = plainjson.AppendString(append(b, `,"verification":{"method":`...), r.Verification.Method)
	b = appendUints(append(b, `,"moduli":`...), r.Verification.Moduli)
	b = appendUints(append(b, `,"residues":`...), r.Verification.Residues)
	b = appendText(append(b, '}'), "blob", r.Blob)
	return append(b, '}'), nil
}

// isUsual tells whether json.Marshal writes the number without an exponent.
func isUsual(ms float64) bool { return ms == 0 || math.Abs(ms) >= 1e-6 && math.Abs(ms) < 1e21 }

func appendFloat(b []byte, ms float64) []byte { return strconv.AppendFloat(b, ms, 'f', -1, 64) }

// appendUints appends numbers, as texts: others read them, too, and not all can read so many digits.
func appendUints(b []byte, numbers []uint64) []byte {
	b = append(b, '[')
	for i, n := range numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendUint(append(b, '"'), n, 10), '"')
	}
	return append(b, ']')
}

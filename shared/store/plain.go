package store

import (
	"encoding/json"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
)

// parse reads what json.Marshal has written: by plain, which goes over the members in their order, where all is plain, and by encoding/json
// otherwise. plain may be nil.
func parse[T any](text string, plain func(*plainjson.Reader) T) (*T, error) {
	if plain != nil {
		r := plainjson.NewReader(text)
		if v := plain(r); r.Done() {
			return &v, nil
		}
	}
	v := new(T)
	return v, json.Unmarshal([]byte(text), v)
}

// plainResult reads a job.Result.
func plainResult(r *plainjson.Reader) (x job.Result) {
	r.Want("{")
	if r.Has(`"media_type":`) {
		x.MediaType = r.String()
		r.Want(",")
	}
	if r.Has(`"bytes":`) {
		x.Bytes = r.Int()
		r.Want(",")
	}
	r.Want(`"digits":`)
	x.Digits = r.Int()
	r.Want(`,"leading":`)
	x.Leading = r.String()
	r.Want(`,"trailing":`)
	x.Trailing = r.String()
	r.Want(`,"trailing_zeros":`)
	x.TrailingZeros = r.Int()
	r.Want(`,"sha256":`)
	x.SHA256 = r.String()
	if r.Has(`,"calls":`) {
		x.Calls = r.Uint()
	}
	r.Want(`,"timing_ms":{"queue":`)
	x.Timing.Queue = r.Float()
	r.Want(`,"compute":`)
	x.Timing.Compute = r.Float()
	r.Want(`,"write":`)
	x.Timing.Write = r.Float()
	r.Want(`},"cpu_ms":`)
	x.CPUMillis = r.Int()
	r.Want(`,"verification":{"method":`)
	x.Verification.Method = r.String()
	r.Want(`,"moduli":`)
	x.Verification.Moduli = r.Uints()
	r.Want(`,"residues":`)
	x.Verification.Residues = r.Uints()
	r.Want("}")
	if r.Has(`,"blob":`) {
		x.Blob = r.String()
	}
	r.Want("}")
	return x
}

// plainDocument reads a document.
func plainDocument(r *plainjson.Reader) (d document) {
	r.Want(`{"id":`)
	d.ID = job.ID(r.String())
	r.Want(`,"owner":`)
	d.Owner = job.Owner(r.String())
	r.Want(`,"spec":`)
	d.Spec = plainSpec(r)
	r.Want(`,"fingerprint":`)
	d.Fingerprint = job.Fingerprint(r.String())
	if r.Has(`,"labels":`) {
		d.Labels = r.Map()
	}
	r.Want(`,"max_attempts":`)
	d.MaxAttempts = int(r.Int())
	r.Want(`,"estimated_cost":`)
	d.EstimatedCost = r.Int()
	if r.Has(`,"priority":`) {
		d.Priority = job.Priority(r.String())
	}
	if r.Has(`,"queue":`) {
		d.Queue = r.String()
	}
	if r.Has(`,"retry_of":`) {
		d.RetryOf = job.ID(r.String())
	}
	if r.Has(`,"batch":`) {
		d.Batch = job.BatchID(r.String())
	}
	r.Want(`,"trace_id":`)
	d.TraceID = r.String()
	r.Want(`,"created_ms":`)
	d.CreatedMillis = r.Int()
	if r.Has(`,"run_at_ms":`) {
		d.RunAtMillis = r.Int()
	}
	if r.Has(`,"deadline_ms":`) {
		d.DeadlineMillis = r.Int()
	}
	if r.Has(`,"trace":`) {
		d.Trace = r.Map()
	}
	r.Want("}")
	return d
}

// plainSpec reads a job.Spec.
func plainSpec(r *plainjson.Reader) (s job.Spec) {
	r.Want(`{"function":`)
	s.Function = r.String()
	r.Want(`,"args":`)
	s.Args = r.Map()
	r.Want(`,"method":`)
	s.Method = r.String()
	r.Want("}")
	return s
}

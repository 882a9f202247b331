package server

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

const (
	mostBatchJobs = 10_000
	// mostBatchBody is the largest body of a batch in bytes.
	mostBatchBody = 8 << 20
	// readAtOnce is how many records are read in one go.
	readAtOnce = 500
)

// batchRequest is a set of submissions, checked.
type batchRequest struct {
	jobs   []submission
	labels map[string]string
	// member is where the jobs come from: "jobs" or "retry_of".
	member string
}

// canonicalBatch is what makes two batches the same request.
type canonicalBatch struct {
	Jobs    []canonical       `json:"jobs,omitempty"`
	RetryOf []job.ID          `json:"retry_of,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
}

func (b batchRequest) canonical() canonicalBatch {
	c := canonicalBatch{Labels: b.labels}
	for _, j := range b.jobs {
		if j.retryOf != "" {
			c.RetryOf = append(c.RetryOf, j.retryOf)
		} else {
			c.Jobs = append(c.Jobs, j.canonical())
		}
	}
	return c
}

// pointer is where the request names its job number i.
func (b batchRequest) pointer(i int) string { return "/" + b.member + "/" + strconv.Itoa(i) }

func (s *Server) readBatch(w http.ResponseWriter, r *http.Request) (batchRequest, error) {
	o, err := s.readObjectWithin(w, r, mostBatchBody)
	if err != nil {
		return batchRequest{}, err
	}
	f := &fields{object: o}
	f.known("jobs", "retry_of", "labels")
	b := batchRequest{labels: f.labels(), member: "jobs"}
	_, fresh := f.values["jobs"]
	_, old := f.values["retry_of"]
	switch {
	case fresh == old:
		f.add("", "A batch has either jobs, to submit new ones, or retry_of, to try old ones again. Send one of them.")
	case fresh:
		b.jobs = f.batchJobs()
	default:
		b.member = "retry_of"
		if b.jobs, err = s.retried(r, f); err != nil {
			return b, err
		}
	}
	return b, f.err()
}

// elements reads a member that is an array of what a batch is made of.
func (f *fields) elements(name string) []jsontext.Value {
	v := f.values[name]
	if v.Kind() != jsontext.KindBeginArray {
		f.add("/"+name, "%s is %s. Send an array.", name, kindOf(v))
		return nil
	}
	all, err := splitArray(v)
	if err != nil || len(all) == 0 || len(all) > mostBatchJobs {
		f.add("/"+name, "%s has %d elements. Send 1 to %d.", name, len(all), mostBatchJobs)
		return nil
	}
	return all
}

// splitArray takes a valid array apart by one level. The elements are parts of v.
func splitArray(v jsontext.Value) ([]jsontext.Value, error) {
	var all []jsontext.Value
	d := jsontext.NewDecoder(bytes.NewReader(v))
	if _, err := d.ReadToken(); err != nil {
		return nil, explainSyntax(err)
	}
	for d.PeekKind() != jsontext.KindEndArray {
		element, err := d.ReadValue()
		if err != nil {
			return nil, explainSyntax(err)
		}
		all = append(all, element.Clone())
	}
	return all, nil
}

// batchJobs reads new jobs, until there is more wrong with them than an answer lists.
func (f *fields) batchJobs() []submission {
	elements := f.elements("jobs")
	jobs := make([]submission, 0, len(elements))
	for i, v := range elements {
		at := "/jobs/" + strconv.Itoa(i)
		if v.Kind() != jsontext.KindBeginObject {
			f.add(at, "The job is %s. Send an object.", kindOf(v))
			continue
		}
		o, err := splitObject(v)
		if err != nil {
			f.add(at, "The job cannot be read.") // the decoder has seen it: it is a valid object
			continue
		}
		one := &fields{object: o, within: at}
		jobs = append(jobs, one.submission())
		if f.wrong = append(f.wrong, one.wrong...); len(f.wrong) > mostFieldErrors {
			return nil
		}
	}
	return jobs
}

// retried reads the ids of jobs that are to be tried again, and what those have asked for.
func (s *Server) retried(r *http.Request, f *fields) ([]submission, error) {
	ids := f.ids("retry_of")
	if len(f.wrong) > 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	jobs := make([]submission, 0, len(ids))
	for first := 0; first < len(ids) && len(f.wrong) <= mostFieldErrors; first += readAtOnce {
		part := ids[first:min(first+readAtOnce, len(ids))]
		records, err := s.Records.GetAll(ctx, part)
		if err != nil {
			return nil, err
		}
		for i, id := range part {
			rec, ok := records[id]
			jobs = append(jobs, f.retriedJob("/retry_of/"+strconv.Itoa(first+i), id, rec, ok && rec.Owner == owner(r)))
		}
	}
	return jobs, nil
}

func (f *fields) retriedJob(at string, id job.ID, rec store.Record, ok bool) submission {
	switch {
	case !ok:
		f.add(at, "There is no job %s.", id)
		return submission{}
	case !rec.State.Terminal():
		f.add(at, "The job %s is %s. Leave it out, or cancel it first.", id, rec.State)
		return submission{}
	}
	c, err := again(rec.Job)
	if err != nil {
		f.add(at, "The job %s cannot be tried again: %s", id, asRefusal(err).detail)
	}
	return c
}

// ids reads an array of different job ids.
func (f *fields) ids(name string) []job.ID {
	elements := f.elements(name)
	ids := make([]job.ID, 0, len(elements))
	seen := make(map[job.ID]bool, len(elements))
	for i, v := range elements {
		at := "/" + name + "/" + strconv.Itoa(i)
		if v.Kind() != jsontext.KindString {
			f.add(at, "The id is %s. Send a string.", kindOf(v))
			continue
		}
		id, ok := job.ParseID(unquote(v))
		switch {
		case !ok:
			f.add(at, "There is no job %q. An id looks like job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b.", shorten(unquote(v)))
		case seen[id]:
			f.add(at, "The job %s is there already. Name each once.", id)
		}
		seen[id] = true
		ids = append(ids, id)
		if len(f.wrong) > mostFieldErrors {
			return nil
		}
	}
	return ids
}

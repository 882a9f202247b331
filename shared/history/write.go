package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"numbermill/shared/job"
)

// mostBulk is how many bytes one bulk has, unless a single document has more.
const mostBulk = 4 << 20

// The versions that a job's document has in its life. Elasticsearch refuses what is not above what it has had.
const (
	writtenVersion = 1
	erasedVersion  = 2
)

// Written is what became of a call to Write.
type Written struct {
	// Done are in the history, now or from before, or have been erased from it.
	Done []job.ID
	// Refused are those that the history does not take as they are, with the reason. To try them again is of no use.
	Refused map[job.ID]string
}

// Write enters finished jobs. visible has searches find them before it returns, which costs; else they do after a second or so. What is neither
// done nor refused is to be tried again, and the error says why.
func (h *History) Write(ctx context.Context, jobs []job.Job, visible bool) (Written, error) {
	w := Written{Refused: map[job.ID]string{}}
	var bulk []operation
	size := 0
	var errs []error
	for _, j := range jobs {
		source, err := json.Marshal(newDocument(j))
		if err != nil {
			w.Refused[j.ID] = err.Error()
			continue
		}
		if size += len(source); size > mostBulk && len(bulk) > 0 {
			errs = append(errs, h.send(ctx, bulk, visible, &w))
			bulk, size = nil, len(source)
		}
		bulk = append(bulk, operation{id: j.ID, verb: "index", version: writtenVersion, source: source})
	}
	if len(bulk) > 0 {
		errs = append(errs, h.send(ctx, bulk, visible, &w))
	}
	return w, errors.Join(errs...)
}

// Erase removes jobs, and keeps a bulk that is under way from bringing them back. Searches do not find them any more when it returns. done are
// those that are gone; the error says why the others are not.
func (h *History) Erase(ctx context.Context, ids []job.ID) (done []job.ID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	bulk := make([]operation, len(ids))
	for i, id := range ids {
		bulk[i] = operation{id: id, verb: "delete", version: erasedVersion}
	}
	w := Written{Refused: map[job.ID]string{}}
	err = h.send(ctx, bulk, true, &w)
	for id, reason := range w.Refused {
		err = errors.Join(err, fmt.Errorf("erase %s: %s", id, reason))
	}
	return w.Done, err
}

// operation is one line of a bulk, or two.
type operation struct {
	id      job.ID
	verb    string
	version int
	source  []byte
}

func (o operation) write(to *bytes.Buffer) error {
	line, err := json.Marshal(map[string]any{o.verb: map[string]any{"_id": o.id, "version": o.version, "version_type": "external"}})
	if err != nil {
		return fmt.Errorf("encode operation: %w", err)
	}
	to.Write(line)
	to.WriteByte('\n')
	if o.source != nil {
		to.Write(o.source)
		to.WriteByte('\n')
	}
	return nil
}

// bulkAnswer is what Elasticsearch says of each operation, in their order.
type bulkAnswer struct {
	Items []map[string]struct {
		Status int             `json:"status"`
		Error  json.RawMessage `json:"error"`
	} `json:"items"`
}

// send makes one bulk. If that is refused as a whole, the halves of it are sent by themselves, down to the one that is to blame.
func (h *History) send(ctx context.Context, bulk []operation, visible bool, w *Written) error {
	answer, err := h.bulk(ctx, bulk, visible)
	if said, ok := errors.AsType[*StatusError](err); ok && job.CodeOf(err) != job.Unavailable {
		if len(bulk) == 1 {
			w.Refused[bulk[0].id] = said.Error()
			return nil
		}
		half := len(bulk) / 2
		return errors.Join(h.send(ctx, bulk[:half], visible, w), h.send(ctx, bulk[half:], visible, w))
	}
	if err != nil {
		return err
	}
	if len(answer.Items) != len(bulk) {
		return job.Errorf(job.Unavailable, "write to the history: of %d operations %d were answered", len(bulk), len(answer.Items))
	}
	var later error
	for i, o := range bulk {
		item := answer.Items[i][o.verb]
		kind, reason := reasonOf(item.Error)
		switch s := item.Status; {
		case s >= http.StatusOK && s < http.StatusMultipleChoices,
			s == http.StatusConflict, // it is there already, or has been erased
			s == http.StatusNotFound && o.verb == "delete" && item.Error == nil: // it never was
			w.Done = append(w.Done, o.id)
		case s == http.StatusBadRequest:
			w.Refused[o.id] = kind + ": " + reason
		case later == nil:
			later = job.Errorf(job.Unavailable, "write to the history: %w", &StatusError{s, kind, reason})
		}
	}
	return later
}

func (h *History) bulk(ctx context.Context, bulk []operation, visible bool) (answer bulkAnswer, err error) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	var body bytes.Buffer
	for _, o := range bulk {
		if err := o.write(&body); err != nil {
			return answer, err
		}
	}
	b := h.client.Bulk
	options := []func(*esapi.BulkRequest){
		b.WithContext(ctx), b.WithIndex(h.index),
		b.WithFilterPath("items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by"),
	}
	if visible {
		options = append(options, b.WithRefresh("true"))
	}
	response, err := b(&body, options...)
	err = read("write to the history", response, err, &answer)
	return answer, err
}

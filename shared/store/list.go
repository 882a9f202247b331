package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// The most that one call to List looks at: a rare filter over a long list ends its page early rather than hold the caller.
const (
	mostScanned = 10_000
	scanChunk   = 500
)

// LabelFilter matches a label by name, and by value unless AnyValue.
type LabelFilter struct {
	Name     string
	Value    string
	AnyValue bool
}

// Filter chooses jobs; zero fields choose all.
type Filter struct {
	States   []job.State
	Function string
	Labels   []LabelFilter
	// Batch is the batch that they belong to; empty for all.
	Batch job.BatchID
	// CreatedAfter is inclusive, CreatedBefore exclusive, both to the millisecond.
	CreatedAfter, CreatedBefore time.Time
}

func (f Filter) matches(r Record) bool {
	if len(f.States) > 0 && !slices.Contains(f.States, r.State) {
		return false
	}
	if f.Function != "" && f.Function != r.Spec.Function {
		return false
	}
	for _, l := range f.Labels {
		if v, ok := r.Labels[l.Name]; !ok || (!l.AnyValue && v != l.Value) {
			return false
		}
	}
	return true
}

// Position is where a job or a batch stands in a list, newest first: by its creation, then by its id.
type Position struct {
	CreatedMillis int64
	ID            string
}

// PositionOf is where a job stands.
func PositionOf(j job.Job) Position { return Position{millis(j.CreatedAt), string(j.ID)} }

// Before tells whether p comes earlier in the list than q: p is newer.
func (p Position) Before(q Position) bool {
	return p.CreatedMillis > q.CreatedMillis || p.CreatedMillis == q.CreatedMillis && p.ID > q.ID
}

// cursor is a position in a token, with a mark of the list that it belongs to.
type cursor struct {
	CreatedMillis int64  `json:"c"`
	ID            string `json:"i"`
	List          []byte `json:"l"`
}

// markOf tells lists apart by what they are chosen by.
func markOf(chosenBy ...any) ([]byte, error) {
	b, err := json.Marshal(chosenBy)
	sum := sha256.Sum256(b)
	return sum[:8], err
}

// List returns the owner's jobs that the filter chooses, newest first, at most size of them, from where token says. next is
// empty at the end. A page may hold fewer jobs than there are if the filter passes few. A token of another list, or of none,
// fails with job.BadPageToken.
func (s *Store) List(ctx context.Context, o job.Owner, f Filter, size int, token string) (page []Record, next string, err error) {
	from, err := ParseToken(o, f, token)
	if err != nil {
		return nil, "", err
	}
	page, last, more, err := s.Walk(ctx, o, f, size, from)
	if err != nil || !more {
		return page, "", err
	}
	next, err = Token(o, f, last)
	return page, next, err
}

// ParseToken reads the token of a page of such a list; nil is its start. A token of another list, or of none, fails with job.BadPageToken.
func ParseToken(o job.Owner, f Filter, token string) (*Position, error) {
	mark, err := markOf("jobs", o, f)
	if err != nil {
		return nil, err
	}
	return parseToken(token, mark)
}

// Token has such a list go on after a position.
func Token(o job.Owner, f Filter, after *Position) (string, error) {
	mark, err := markOf("jobs", o, f)
	return after.token(mark), err
}

// Walk returns the owner's jobs that the filter chooses, newest first, at most size of them, from after a position on; nil is the start. last is
// that of the last job that it looked at, chosen or not. more tells whether there are any after it.
func (s *Store) Walk(ctx context.Context, o job.Owner, f Filter, size int, after *Position) (page []Record, last *Position, more bool, err error) {
	index := ownerJobsKey(o)
	if f.Batch != "" {
		index = batchJobsKey(o, f.Batch)
	}
	for scanned := 0; scanned < mostScanned; {
		chunk, err := s.indexChunk(ctx, index, f, after, min(scanChunk, max(size-len(page), 20)))
		if err != nil || len(chunk) == 0 {
			return page, after, false, err
		}
		scanned += len(chunk)
		ids := make([]job.ID, len(chunk))
		for i, z := range chunk {
			ids[i] = job.ID(z.ID)
		}
		records, err := s.GetAll(ctx, ids)
		if err != nil {
			return nil, nil, false, err
		}
		for _, z := range chunk {
			if len(page) == size {
				return page, after, true, nil
			}
			after = &z
			if r, ok := records[job.ID(z.ID)]; ok && f.matches(r) {
				page = append(page, r)
			}
		}
	}
	return page, after, true, nil
}

// indexChunk is the next entries of an index after from, newest first, at most n.
func (s *Store) indexChunk(ctx context.Context, index string, f Filter, from *Position, n int) ([]Position, error) {
	by := redis.ZRangeBy{Min: "-inf", Max: "+inf", Count: int64(n)}
	if !f.CreatedAfter.IsZero() {
		by.Min = strconv.FormatInt(millis(f.CreatedAfter), 10)
	}
	if !f.CreatedBefore.IsZero() {
		by.Max = "(" + strconv.FormatInt(millis(f.CreatedBefore), 10)
	}
	if from != nil {
		by.Max = strconv.FormatInt(from.CreatedMillis, 10)
	}
	for {
		entries, err := s.rdb.ZRevRangeByScoreWithScores(ctx, index, &by).Result()
		if err != nil {
			return nil, unavailable("list jobs", err)
		}
		var chunk []Position
		for _, z := range entries {
			id, _ := z.Member.(string)
			p := Position{CreatedMillis: int64(z.Score), ID: id}
			// Entries of one millisecond come by descending id; those up to the cursor were on the page before.
			if from == nil || from.Before(p) {
				chunk = append(chunk, p)
			}
		}
		if len(chunk) > 0 || len(entries) < n {
			return chunk, nil
		}
		by.Offset += int64(len(entries))
	}
}

func (p *Position) token(mark []byte) string {
	if p == nil {
		return ""
	}
	b, err := json.Marshal(cursor{p.CreatedMillis, p.ID, mark})
	if err != nil {
		return "" // numbers and strings always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseToken(token string, mark []byte) (*Position, error) {
	if token == "" {
		return nil, nil //nolint:nilnil // no token is no position: the list begins at its start
	}
	bad := job.Errorf(job.BadPageToken, "This page_token does not belong to this list. Take next_page_token from the page before, with the same filters.")
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, bad
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil || !slices.Equal(c.List, mark) {
		return nil, bad
	}
	_, isJob := job.ParseID(c.ID)
	if _, isBatch := job.ParseBatchID(c.ID); !isJob && !isBatch {
		return nil, bad
	}
	return &Position{c.CreatedMillis, c.ID}, nil
}

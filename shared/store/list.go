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

// cursor is where a page ended: the last job or batch looked at, and a mark of the list that it belongs to.
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
	mark, err := markOf("jobs", o, f)
	if err != nil {
		return nil, "", err
	}
	from, err := parseToken(token, mark)
	if err != nil {
		return nil, "", err
	}
	index := ownerJobsKey(o)
	if f.Batch != "" {
		index = batchJobsKey(o, f.Batch)
	}
	for scanned := 0; scanned < mostScanned; {
		chunk, err := s.indexChunk(ctx, index, f, from, min(scanChunk, max(size-len(page), 20)))
		if err != nil || len(chunk) == 0 {
			return page, "", err
		}
		scanned += len(chunk)
		ids := make([]job.ID, len(chunk))
		for i, z := range chunk {
			ids[i] = job.ID(z.ID)
		}
		records, err := s.GetAll(ctx, ids)
		if err != nil {
			return nil, "", err
		}
		for _, z := range chunk {
			if len(page) == size {
				return page, from.token(mark), nil
			}
			from = &cursor{CreatedMillis: z.CreatedMillis, ID: z.ID}
			if r, ok := records[job.ID(z.ID)]; ok && f.matches(r) {
				page = append(page, r)
			}
		}
	}
	return page, from.token(mark), nil
}

// indexChunk is the next entries of an index after from, newest first, at most n.
func (s *Store) indexChunk(ctx context.Context, index string, f Filter, from *cursor, n int) ([]cursor, error) {
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
		var chunk []cursor
		for _, z := range entries {
			id, _ := z.Member.(string)
			c := cursor{CreatedMillis: int64(z.Score), ID: id}
			// Entries of one millisecond come by descending id; those up to the cursor were on the page before.
			if from == nil || c.CreatedMillis < from.CreatedMillis || c.ID < from.ID {
				chunk = append(chunk, c)
			}
		}
		if len(chunk) > 0 || len(entries) < n {
			return chunk, nil
		}
		by.Offset += int64(len(entries))
	}
}

func (c *cursor) token(mark []byte) string {
	if c == nil {
		return ""
	}
	b, err := json.Marshal(cursor{c.CreatedMillis, c.ID, mark})
	if err != nil {
		return "" // numbers and strings always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseToken(token string, mark []byte) (*cursor, error) {
	if token == "" {
		return nil, nil //nolint:nilnil // no token is no cursor: the list begins at its start
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
	return &c, nil
}

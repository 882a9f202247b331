package job

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Fingerprint addresses a computation by its content: 40 lower-case hexadecimal digits.
type Fingerprint string

// ShardDigits is how many hexadecimal digits name a shard.
const ShardDigits = 3

const fingerprintDigits = 40

// Shard names the Redis slot of a computation and of its jobs: three hexadecimal digits, 4,096 shards.
type Shard string

// Shard is the first 12 bits of the fingerprint. It is empty for an invalid fingerprint.
func (f Fingerprint) Shard() Shard {
	if !f.Valid() {
		return ""
	}
	return Shard(f[:ShardDigits])
}

// Valid tells whether f has the form of a fingerprint.
func (f Fingerprint) Valid() bool {
	for i := range len(f) {
		if c := f[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(f) == fingerprintDigits
}

// ID is a job's name, "job_" and a UUIDv7 whose last three hexadecimal digits are its computation's shard, so that an id alone
// finds its slot.
type ID string

const idPrefix = "job_"

// NewID draws an id for a job of the given computation. Ids of one process rise with time.
func NewID(f Fingerprint) (ID, error) {
	shard := f.Shard()
	if shard == "" {
		return "", fmt.Errorf("new job id: %q is not a fingerprint", f)
	}
	u, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("new job id: %w", err)
	}
	s := u.String()
	return ID(idPrefix + s[:len(s)-ShardDigits] + string(shard)), nil
}

// BatchID is a batch's name, "batch_" and a UUIDv7.
type BatchID string

const batchPrefix = "batch_"

// NewBatchID draws an id. Ids of one process rise with time.
func NewBatchID() (BatchID, error) {
	u, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("new batch id: %w", err)
	}
	return BatchID(batchPrefix + u.String()), nil
}

// ParseBatchID checks the form of an id. Whether such a batch exists is another question.
func ParseBatchID(s string) (BatchID, bool) {
	if _, ok := parseUUID(s, batchPrefix); !ok {
		return "", false
	}
	return BatchID(s), true
}

// Time is when the id was drawn, to the millisecond; ok is false for an id that ParseBatchID would refuse.
func (id BatchID) Time() (t time.Time, ok bool) { return timeOf(string(id), batchPrefix) }

// ParseID checks the form of an id. Whether such a job exists is another question.
func ParseID(s string) (ID, bool) {
	if _, ok := parseUUID(s, idPrefix); !ok {
		return "", false
	}
	return ID(s), true
}

// parseUUID reads a prefix and a UUIDv7 in lower case.
func parseUUID(s, prefix string) (uuid.UUID, bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) != 36 || strings.ToLower(rest) != rest {
		return uuid.UUID{}, false
	}
	u, err := uuid.Parse(rest)
	if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		return uuid.UUID{}, false
	}
	return u, true
}

func timeOf(s, prefix string) (t time.Time, ok bool) {
	u, ok := parseUUID(s, prefix)
	if !ok {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(u[:8]) >> 16)).UTC(), true
}

// Shard is the slot that holds the job's record. It is empty for something too short to be an id.
func (id ID) Shard() Shard {
	if len(id) < ShardDigits {
		return ""
	}
	return Shard(id[len(id)-ShardDigits:])
}

// Time is when the id was drawn, to the millisecond; ok is false for an id that ParseID would refuse.
func (id ID) Time() (t time.Time, ok bool) { return timeOf(string(id), idPrefix) }

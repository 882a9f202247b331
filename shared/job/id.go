package job

import (
	"encoding/binary"
	"encoding/hex"
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
	if len(f) != fingerprintDigits || strings.ToLower(string(f)) != string(f) {
		return false
	}
	_, err := hex.DecodeString(string(f))
	return err == nil
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

// ParseID checks the form of an id. Whether such a job exists is another question.
func ParseID(s string) (ID, bool) {
	rest, ok := strings.CutPrefix(s, idPrefix)
	if !ok || len(rest) != 36 || strings.ToLower(rest) != rest {
		return "", false
	}
	if u, err := uuid.Parse(rest); err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		return "", false
	}
	return ID(s), true
}

// Shard is the slot that holds the job's record. It is empty for something too short to be an id.
func (id ID) Shard() Shard {
	if len(id) < ShardDigits {
		return ""
	}
	return Shard(id[len(id)-ShardDigits:])
}

// Time is when the id was drawn, to the millisecond; ok is false for an id that ParseID would refuse.
func (id ID) Time() (t time.Time, ok bool) {
	if _, ok := ParseID(string(id)); !ok {
		return time.Time{}, false
	}
	u, err := uuid.Parse(string(id[len(idPrefix):]))
	if err != nil {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(u[:8]) >> 16)).UTC(), true
}

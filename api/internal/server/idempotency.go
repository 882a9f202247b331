package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// A key is a string of structured fields (RFC 8941) or, since many clients send it so, the bare word.
var (
	quotedKey = regexp.MustCompile(`^"(?:[ !#-\[\]-~]|\\["\\]){1,255}"$`)
	bareKey   = regexp.MustCompile(`^[!#-~][!-~]{0,254}$`)
	unescape  = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

// readKey reads the Idempotency-Key; nil if there is none. Keys of one method and path are apart from those of others. content is the
// request as it was understood, so that another spelling of it is the same request.
func readKey(r *http.Request, content any) (*job.Key, error) {
	given := r.Header.Values("Idempotency-Key")
	if len(given) == 0 {
		return nil, nil //nolint:nilnil // there need not be one
	}
	key := given[0]
	switch {
	case len(given) == 1 && quotedKey.MatchString(key):
		key = unescape.Replace(key[1 : len(key)-1])
	case len(given) != 1 || !bareKey.MatchString(key):
		return nil, refuse(malformed, "The Idempotency-Key %q cannot be one. Send one word of up to 255 visible ASCII characters, such as a UUID, with or without double quotes.",
			shorten(strings.Join(given, ", ")))
	}
	body, err := json.Marshal(content) // members of maps come sorted
	if err != nil {
		return nil, fmt.Errorf("canonical request: %w", err)
	}
	return &job.Key{Name: hash(r.Method + " " + r.URL.Path + "\n" + key), Body: hash(string(body))}, nil
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// replay looks up what a request with this key came to before; nil if it is new, or if there is no key.
func (s *Server) replay(ctx context.Context, o job.Owner, key *job.Key) (*store.Replay, error) {
	if key == nil {
		return nil, nil //nolint:nilnil // without a key every request is new
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return s.Records.Replay(ctx, o, *key)
}

// markReplayed says that the request was carried out before, and gives the status that it was answered with.
func markReplayed(h http.Header, known store.Replay) (status int) {
	h.Set("Idempotency-Replayed", "true")
	return cmp.Or(known.Status, http.StatusAccepted)
}

// remember keeps the status for a replay. Where it fails, a replay says that the request was accepted.
func (s *Server) remember(ctx context.Context, o job.Owner, key *job.Key, status int) {
	if key == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTimeout)
	defer cancel()
	if err := s.Records.Answered(ctx, o, *key, status); err != nil {
		s.Logger.WarnContext(ctx, "answer to a request with an idempotency key not remembered", slog.Any("error", err))
	}
}

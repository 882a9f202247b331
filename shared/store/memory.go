package store

import (
	"context"
	"strconv"
	"strings"
)

// Memory is how much memory Redis uses, and the most that it may, in bytes; most is 0 where there is no limit.
func (s *Store) Memory(ctx context.Context) (used, most int64, err error) {
	info, err := s.rdb.Info(ctx, "memory").Result()
	if err != nil {
		if strings.Contains(err.Error(), "section") { // a stand-in for Redis that does not tell, and has no limit
			return 0, 0, nil
		}
		return 0, 0, unavailable("read memory", err)
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, parseErr := strconv.ParseInt(value, 10, 64)
		switch {
		case parseErr != nil:
		case name == "used_memory":
			used = n
		case name == "maxmemory":
			most = n
		}
	}
	return used, most, nil
}

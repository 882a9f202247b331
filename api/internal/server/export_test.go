package server

import (
	"slices"
	"strings"
	"time"
)

// Operations are the documented routes in the form "GET /v1/jobs/{id}", sorted; HEAD is named only where it is of use by itself.
func Operations() []string {
	operations := []string{"HEAD /v1/jobs/{id}/result"}
	for _, r := range slices.Concat(routes, operatorRoutes) {
		if !strings.HasPrefix(r.path, "/openapi.") && !strings.HasSuffix(r.path, ".css") {
			operations = append(operations, r.method+" "+r.path)
		}
	}
	slices.Sort(operations)
	return operations
}

// ChosenCoding is the name of the coding for these Accept-Encoding headers, empty for none.
func ChosenCoding(headers []string) string {
	if c := chooseCoding(headers); c != nil {
		return c.name
	}
	return ""
}

// TakeCompressions takes every slot for compression until give is called.
func (s *Server) TakeCompressions() (give func()) {
	for range mostCompressions {
		s.compressions <- struct{}{}
	}
	return func() {
		for range mostCompressions {
			s.compressions.give()
		}
	}
}

// ProblemNames are the names of all problems.
func ProblemNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// Traffic is what counts requests.
type Traffic struct{ t *traffic }

// NewTraffic begins to count.
func NewTraffic() Traffic { return Traffic{newTraffic()} }

// Add counts a request.
func (t Traffic) Add(status int, took time.Duration, timed bool) { t.t.add(status, took, timed) }

// Sum is what was counted within the hour; the latencies are 0 without any.
func (t Traffic) Sum() (total, failed int64, p50, p99 float64) {
	sum := t.t.sum()
	p50, _ = sum.percentile(0.5)
	p99, _ = sum.percentile(0.99)
	return sum.total, sum.failed, p50, p99
}

// ExpireLevels makes what is known of the platform too old.
func ExpireLevels(s *Server) {
	s.levels.mu.Lock()
	defer s.levels.mu.Unlock()
	s.levels.asked = time.Time{}
}

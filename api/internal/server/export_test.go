package server

import (
	"slices"
	"strings"
)

// Operations are the documented routes in the form "GET /v1/jobs/{id}", sorted; HEAD is named only where it is of use by itself.
func Operations() []string {
	operations := []string{"HEAD /v1/jobs/{id}/result"}
	for _, r := range routes {
		if !strings.HasPrefix(r.path, "/openapi.") {
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

package server

import "net/http"

// getMetrics tells what the process measures.
func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request) error {
	if s.Metrics == nil {
		return refuse(notFound, "This process was started without measurements.")
	}
	s.Metrics.ServeHTTP(w, r)
	return nil
}

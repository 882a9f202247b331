package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"numbermill/api"
)

// MonitorPath is where the queue's web monitor is.
const MonitorPath = "/monitor"

// route is one method on one path. produces is the media type of its success; empty if any Accept will do.
type route struct {
	method   string
	path     string
	produces string
	answer   func(*Server, http.ResponseWriter, *http.Request) error
}

const (
	jsonType   = "application/json"
	digitsType = "text/plain"
)

// routes are tried in this order: what is asked for most comes first.
var routes = slices.Concat([]route{
	{http.MethodPost, "/v1/jobs", jsonType, limited((*Server).createJob)},
	{http.MethodGet, "/v1/jobs/{id}", jsonType, (*Server).getJob},
	{http.MethodGet, "/v1/jobs", jsonType, (*Server).listJobs},
	{http.MethodGet, "/v1/functions", jsonType, (*Server).listFunctions},
	{http.MethodGet, "/v1/functions/{name}", jsonType, (*Server).getFunction},
	{http.MethodPost, "/v1/estimates", jsonType, (*Server).createEstimate},
	{http.MethodDelete, "/v1/jobs/{id}", "", (*Server).deleteJob},
	{http.MethodPost, "/v1/jobs/{id}/cancel", jsonType, (*Server).cancelJob},
	{http.MethodPost, "/v1/jobs/{id}/retry", jsonType, limited((*Server).retryJob)},
	{http.MethodGet, "/v1/jobs/{id}/events", api.EventsType, (*Server).streamEvents},
	{http.MethodGet, "/v1/jobs/{id}/attempts", jsonType, (*Server).listAttempts},
	{http.MethodGet, "/v1/jobs/{id}/logs", jsonType, (*Server).listLogLines},
	{http.MethodGet, "/v1/jobs/{id}/result", digitsType, (*Server).getResult},
	{http.MethodPost, "/v1/batches", jsonType, limited((*Server).createBatch)},
	{http.MethodGet, "/v1/batches", jsonType, (*Server).listBatches},
	{http.MethodGet, "/v1/batches/{id}", jsonType, (*Server).getBatch},
	{http.MethodPost, "/v1/batches/{id}/cancel", jsonType, (*Server).cancelBatch},
	{http.MethodGet, "/openapi.yaml", "", (*Server).getOpenAPIYAML},
	{http.MethodGet, "/openapi.json", "", (*Server).getOpenAPIJSON},
	{http.MethodGet, "/v1/status", jsonType, (*Server).getStatus},
}, healthRoutes, pageRoutes)

var healthRoutes = []route{
	{http.MethodGet, "/healthz", "", (*Server).getHealth},
	{http.MethodGet, "/readyz", "", (*Server).getReadiness},
}

// operatorRoutes are reachable for the operator alone.
var operatorRoutes = []route{
	{http.MethodGet, "/v1/queues", jsonType, (*Server).listQueues},
	{http.MethodGet, "/v1/workers", jsonType, (*Server).listWorkers},
	{http.MethodGet, "/metrics", "", (*Server).getMetrics},
}

// monitorRoutes take every method, since the monitor has its own.
func (s *Server) monitorRoutes() []route {
	if s.Monitor == nil {
		return nil
	}
	return []route{
		{"", MonitorPath, "", (*Server).redirectToMonitor},
		{"", MonitorPath + "/{rest:.*}", "", (*Server).showMonitor},
	}
}

// router finds the answer to a request. What no route takes is a page of web, or refused.
func (s *Server) router(routes []route, web http.Handler) http.Handler {
	r := mux.NewRouter().SkipClean(true) // a cleaned path would redirect, which turns a POST into a GET
	for _, x := range routes {
		m := r.Handle(x.path, s.route(x))
		if x.method != "" {
			m.Methods(withHead(x.method)...)
		}
	}
	r.NotFoundHandler = s.fallback(web)
	r.MethodNotAllowedHandler = s.handle("", func(_ *Server, _ http.ResponseWriter, req *http.Request) error {
		methods, template := allowed(r, req)
		infoOf(req.Context()).route = template
		return refuseMethod(req, methods)
	})
	return r
}

func withHead(method string) []string {
	if method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{method}
}

// allowed are the methods that the request's path takes, and the template that the path fits.
func allowed(r *mux.Router, req *http.Request) (methods []string, template string) {
	template = unmatched
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *req
		other.Method = m
		var match mux.RouteMatch
		if r.Match(&other, &match) && match.MatchErr == nil {
			methods = append(methods, m)
			if t, err := match.Route.GetPathTemplate(); err == nil {
				template = t
			}
		}
	}
	return methods, template
}

// fallback answers what no route takes.
func (s *Server) fallback(web http.Handler) http.Handler {
	return s.handle("", func(s *Server, w http.ResponseWriter, r *http.Request) error {
		switch {
		case web == nil || isMachinePath(r.URL.Path):
			return refusePath(r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			return refuseMethod(r, []string{http.MethodGet, http.MethodHead})
		}
		infoOf(r.Context()).route = webRoute
		web.ServeHTTP(w, r)
		return nil
	})
}

// isMachinePath tells paths whose answers are for programs from those of pages.
func isMachinePath(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains([]string{"v1", "healthz", "readyz", "metrics", "openapi.yaml", "openapi.json", strings.TrimPrefix(MonitorPath, "/")}, first)
}

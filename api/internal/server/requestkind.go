package server

import (
	"net/http"
	"strings"
)

// requestKind tells requests apart by what their duration means. A proxy in front logs it, and hides it from clients.
type requestKind string

const (
	// interactiveKind requests are answered as fast as the server can.
	interactiveKind requestKind = "interactive"
	// waitKind requests are held up for a while because their client wants that.
	waitKind requestKind = "wait"
	// streamKind requests last as long as there is something to follow.
	streamKind requestKind = "stream"
	// downloadKind requests take as long as the client's line does.
	downloadKind requestKind = "download"
	// probeKind requests ask whether the server lives, or what it measures.
	probeKind requestKind = "probe"
)

const (
	// routeHeader and requestKindHeader tell a proxy in front how to count the request.
	routeHeader       = "X-Route"
	requestKindHeader = "X-Request-Kind"
	// watchman is how the User-Agent of Elastic's Heartbeat begins.
	watchman = "Elastic-Heartbeat"
)

// describeRequest names the route and the kind of a request that is about to be answered.
func describeRequest(h http.Header, r *http.Request, info *requestInfo) {
	h.Set(routeHeader, info.route)
	h.Set(requestKindHeader, string(requestKindOf(r, info.route, h)))
}

// requestKindOf is the kind of a request to a route; h are the headers of its answer.
func requestKindOf(r *http.Request, route string, h http.Header) requestKind {
	switch {
	case isProbe(r, route):
		return probeKind
	case strings.HasSuffix(route, "/events"):
		return streamKind
	case strings.HasSuffix(route, "/result"):
		return downloadKind
	case hasWaited(h):
		return waitKind
	default:
		return interactiveKind
	}
}

func isProbe(r *http.Request, route string) bool {
	return route == "/healthz" || route == "/readyz" || route == "/metrics" || strings.HasPrefix(r.UserAgent(), watchman)
}

// hasWaited tells whether an answer says that it was held up as its client preferred.
func hasWaited(h http.Header) bool {
	applied := h.Get("Preference-Applied")
	return strings.HasPrefix(applied, "wait=") && applied != "wait=0"
}

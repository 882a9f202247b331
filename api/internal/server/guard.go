package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// guardHost answers only requests for hosts that are meant: loopback names, and the configured ones. It keeps pages of other names that
// point here (DNS rebinding) from speaking to a server on the person's own machine.
func (s *Server) guardHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.serves(r.Host) {
			s.fail(w, r, refuse(misdirected, "The host %q is not served here. Use a loopback address such as 127.0.0.1, or allow the host in the server's settings.", shorten(r.Host)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) serves(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(s.AllowedHosts, func(allowed string) bool { return strings.EqualFold(allowed, host) })
}

// guardOrigin refuses what a browser sends on behalf of another site, unless it only reads.
func (s *Server) guardOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, refuse(crossOrigin, "A browser sent this from a page of another site. Open the web app at this server's own address, or use a client that is no browser."))
	}))
	return guard.Handler(next)
}

package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"

	"github.com/gorilla/mux"

	"numbermill/api"
	"numbermill/api/internal/page"
)

const htmlType = "text/html; charset=utf-8"

// pageRoutes are for people, so they answer HTML whatever the request accepts.
var pageRoutes = []route{
	{http.MethodGet, "/docs", "", (*Server).getDocs},
	{http.MethodGet, page.StylePath, "", (*Server).getStyle},
	{http.MethodGet, "/problems", "", (*Server).listProblems},
	{http.MethodGet, "/problems/{name}", "", (*Server).getProblem},
}

// reference makes the page of the API once, when it is first asked for.
func (s *Server) reference() func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) { return page.Reference(api.YAML(), s.Web != nil) })
}

func (s *Server) getDocs(w http.ResponseWriter, r *http.Request) error {
	b, err := s.docs()
	if err != nil {
		return err
	}
	sendPage(w, r, http.StatusOK, htmlType, b)
	return nil
}

func (s *Server) getStyle(w http.ResponseWriter, r *http.Request) error {
	sendPage(w, r, http.StatusOK, "text/css; charset=utf-8", page.Style())
	return nil
}

func (s *Server) listProblems(w http.ResponseWriter, r *http.Request) error {
	return s.sendProblemIndex(w, r, "")
}

func (s *Server) getProblem(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	for _, k := range kinds {
		if k.name != name {
			continue
		}
		b, err := page.ProblemPage(explanation(k), s.Web != nil)
		if err != nil {
			return err
		}
		sendPage(w, r, http.StatusOK, htmlType, b)
		return nil
	}
	return s.sendProblemIndex(w, r, shorten(name))
}

// sendProblemIndex lists the problems; as the answer to the name of one that there is not, if one is missing.
func (s *Server) sendProblemIndex(w http.ResponseWriter, r *http.Request, missing string) error {
	all := make([]page.Problem, len(kinds))
	for i, k := range kinds {
		all[i] = explanation(k)
	}
	b, err := page.ProblemIndex(all, missing, s.Web != nil)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if missing != "" {
		status = http.StatusNotFound
	}
	sendPage(w, r, status, htmlType, b)
	return nil
}

func explanation(k kind) page.Problem {
	return page.Problem{Name: k.name, Title: k.title, Status: k.status, StatusText: http.StatusText(k.status), Meaning: k.meaning, Advice: k.advice}
}

// sendPage answers with a page, or with 304 to whoever has it.
func sendPage(w http.ResponseWriter, r *http.Request, status int, mediaType string, b []byte) {
	sum := sha256.Sum256(b)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Content-Security-Policy", page.ContentPolicy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if known := r.Header.Get("If-None-Match"); status == http.StatusOK && known != "" && etagMatches(known, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b) //nolint:gosec // html/template has escaped it; a client that is gone needs no page
}

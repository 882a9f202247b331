package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"strconv"
)

// route makes a handler of one line of the table.
func (s *Server) route(x route) http.Handler {
	return s.handle(x.produces, x.answer)
}

// handle makes a handler of a function that answers or returns why not. produces is what the client has to accept, if not empty.
func (s *Server) handle(produces string, answer func(*Server, http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nameRoute(r)
		err := checkAccept(r, produces)
		if err == nil {
			err = answer(s, w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// answer writes a document of the API.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, document any) error {
	w.Header().Set("Cache-Control", "private, no-cache")
	s.write(w, r, status, jsonType, document)
	return nil
}

// write encodes the document whole before the first byte goes out, so that an answer is never half a document.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, mediaType string, document any) {
	err := encoded(document, func(b []byte) {
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Content-Length", strconv.Itoa(len(b)))
		w.WriteHeader(status)
		_, _ = bytes.NewReader(b).WriteTo(w) // a client that is gone needs no answer
	})
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "answer cannot be encoded", slog.String("request_id", requestID(r)), slog.Any("error", err))
		w.WriteHeader(http.StatusInternalServerError)
	}
}

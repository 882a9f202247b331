package server

import (
	"net/http"

	"numbermill/api"
)

func (s *Server) getOpenAPIYAML(w http.ResponseWriter, _ *http.Request) error {
	serveDocument(w, "application/yaml", api.YAML())
	return nil
}

func (s *Server) getOpenAPIJSON(w http.ResponseWriter, _ *http.Request) error {
	b, err := api.JSON()
	if err != nil {
		return err
	}
	serveDocument(w, jsonType, b)
	return nil
}

func serveDocument(w http.ResponseWriter, mediaType string, b []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(b) // a client that is gone needs no answer
}

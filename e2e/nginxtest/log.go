package nginxtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Line is one line of the access log.
type Line struct {
	// Raw is the line as it was written.
	Raw string
	// Fields are its members, under their dotted names.
	Fields map[string]any
}

// Text returns a field as it would be printed, and "" if the line has none of that name.
func (l Line) Text(name string) string {
	v, ok := l.Fields[name]
	if !ok || v == nil {
		return ""
	}
	if f, ok := v.(float64); ok && f == float64(int64(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return fmt.Sprint(v)
}

// Lines returns what is in the access log by now. The test fails if a line is no JSON.
func (s *Server) Lines(tb testing.TB) []Line {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(s.LogDir, "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var lines []Line
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for raw := range bytes.Lines(text) {
			if raw[len(raw)-1] != '\n' {
				break // it is being written
			}
			line := Line{Raw: string(raw[:len(raw)-1])}
			if err := json.Unmarshal(raw, &line.Fields); err != nil {
				tb.Fatalf("a line of the access log is no JSON: %v\n%q", err, raw)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// Await returns the first line for which match is true, written by now or soon: nginx writes a line once its answer is over. The test fails if
// there is none.
func (s *Server) Await(tb testing.TB, what string, match func(Line) bool) Line {
	tb.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-again.C {
		for _, line := range s.Lines(tb) {
			if match(line) {
				return line
			}
		}
	}
	tb.Fatalf("the access log has no line of %s within %v", what, patience)
	return Line{}
}

// get asks nginx itself.
func (s *Server) get(path string) (status int, err error) {
	transport := &http.Transport{DisableKeepAlives: true}
	c := &http.Client{Transport: transport, Timeout: time.Second}
	res, err := c.Get(s.URL + path)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

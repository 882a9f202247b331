package observability_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets the tests that look at the world do so at the same time: they wait for Elasticsearch most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel != nil && parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set("4")
	}
	code := m.Run()
	if l := theOne.lasting; l != nil {
		if l.end(); l.failed {
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

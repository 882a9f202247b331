// Package elastictest gives tests a real Elasticsearch, with the few helpers that most of them need. A node that it starts ends with the
// test, or with the test process however that ends.
//
// It is the server itself without some of its modules. Not there: index lifecycle management, ingest processors, scripts, ES|QL, async
// search, the data stream API but for lifecycles in templates, and the aggregations derivative, moving_fn, bucket_sort,
// auto_date_histogram, top_metrics and multi_terms. A query that is to be tested does without.
package elastictest

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
)

// Variable names the environment variable with the URL of a node for Start, which the script that runs all tests sets.
const Variable = "NUMBERMILL_TEST_ELASTICSEARCH"

// again is how often something is asked for that is not there yet.
const again = 100 * time.Millisecond

// Node is an Elasticsearch. Its methods are for the test's own goroutine.
type Node struct {
	tb       testing.TB
	url      string
	password string

	// For a node of one's own.
	folder string
	port   string
	proc   *process
}

// shared is the node that all tests of this process share.
var shared = sync.OnceValues(func() (string, error) {
	if address := os.Getenv(Variable); address != "" {
		return address, nil
	}
	p, err := launch(nil, "0", "")
	if err != nil {
		return "", err
	}
	launched.Store(p)
	return p.url, nil // it ends with this process, or with Ending
})

// launched is the process of the shared node; nil as long as there is none of this process.
var launched atomic.Pointer[process]

// Ending is the main of tests after which nothing may be left behind: it ends the shared node once they have run, if this process has one.
type Ending struct{ *testing.M }

// Run runs the tests.
func (e Ending) Run() int {
	defer func() {
		if p := launched.Load(); p != nil {
			p.stop()
		}
	}()
	return e.M.Run()
}

// Start returns a node that other tests use as well: keep to names that no other test has (see Name), and expect templates that others have put
// there. It is the one that NUMBERMILL_TEST_ELASTICSEARCH names, or else one for this process, which takes a quarter of a minute to start.
// Where there is no Elasticsearch the test is skipped, or fails if CI=true.
func Start(tb testing.TB) *Node {
	tb.Helper()
	if os.Getenv(Variable) == "" {
		Need(tb)
	}
	address, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return &Node{tb: tb, url: address}
}

// Option changes a node of one's own.
type Option func(*Node)

// Secured turns security on, with this password for the user elastic.
func Secured(password string) Option {
	return func(n *Node) { n.password = password }
}

// Own starts a node for this test alone, that it can stop, and start again on the same data at the same address.
func Own(tb testing.TB, options ...Option) *Node {
	tb.Helper()
	Need(tb)
	n := &Node{tb: tb, port: "0"}
	for _, o := range options {
		o(n)
	}
	dir, err := os.MkdirTemp("", "elastictest-") //nolint:usetesting // another user writes there, who may not come through the test's own folder
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		tb.Fatalf("make a folder for elasticsearch: %v", err)
	}
	n.folder = filepath.Join(dir, "node")
	tb.Cleanup(func() {
		n.Stop()
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("remove the folder of elasticsearch: %v", err)
		}
	})
	n.Start()
	return n
}

// Start starts a node of one's own that has been stopped.
func (n *Node) Start() {
	n.tb.Helper()
	if n.folder == "" {
		n.tb.Fatal("this elasticsearch belongs to other tests too; use Own for one that can be stopped")
	}
	if n.proc != nil {
		return
	}
	var env []string
	if n.password != "" {
		env = append(env, "ELASTIC_PASSWORD="+n.password)
	}
	p, err := launch(env, n.port, n.folder)
	if err != nil {
		n.tb.Fatal(err)
	}
	n.proc, n.url = p, p.url
	n.port = n.url[strings.LastIndexByte(n.url, ':')+1:]
	n.awaitIndices()
}

// awaitIndices waits until the node has opened the indices that it had: it answers before, and if it is secured knows no password until then.
func (n *Node) awaitIndices() {
	n.tb.Helper()
	again := time.NewTicker(again)
	defer again.Stop()
	for end := time.Now().Add(startTimeout); ; <-again.C {
		status, answer := n.Ask(http.MethodGet, "/_cluster/health?wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=10s", nil)
		switch {
		case status == http.StatusOK:
			return
		case time.Now().After(end):
			n.tb.Fatalf("elasticsearch does not open its indices: %d %s", status, answer)
		}
	}
}

// Stop stops a node of one's own and waits until it is gone. A second Stop does nothing.
func (n *Node) Stop() {
	n.tb.Helper()
	if n.folder == "" {
		n.tb.Fatal("this elasticsearch belongs to other tests too; use Own for one that can be stopped")
	}
	if n.proc == nil {
		return
	}
	n.proc.stop()
	n.proc = nil
}

// URL returns where the node listens, http://127.0.0.1:PORT, with the user elastic and its password if it is secured. It stays the same over
// Stop and Start.
func (n *Node) URL() string {
	if n.password == "" {
		return n.url
	}
	u, err := url.Parse(n.url)
	if err != nil {
		n.tb.Fatal(err)
	}
	u.User = url.UserPassword("elastic", n.password)
	return u.String()
}

// Client returns a client of the node. Its connections are closed with the test.
func (n *Node) Client() *elasticsearch.Client {
	n.tb.Helper()
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		n.tb.Fatal(errors.New("the default transport is another one"))
	}
	transport = transport.Clone()
	n.tb.Cleanup(transport.CloseIdleConnections)
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{n.URL()}, Transport: transport, DisableRetry: true})
	if err != nil {
		n.tb.Fatal(err)
	}
	return client
}

// Name returns a name that no other test has, for a namespace of data streams or the end of an index's name: lower-case, without a dash.
func Name() string { return "test_" + strings.ToLower(rand.Text()[:12]) }

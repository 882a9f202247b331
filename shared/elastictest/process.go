package elastictest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// startTimeout is how long a node may take to start, on a machine that is busy with other tests.
const startTimeout = 5 * time.Minute

// script is where scripts/elasticsearch.sh is: tests run in the folder of their package, somewhere below.
var script = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "scripts", "elasticsearch.sh")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("scripts/elasticsearch.sh is in none of the folders above this test")
		}
	}
})

// installed gets Elasticsearch once, and tells why that cannot be.
var installed = sync.OnceValue(func() error {
	path, err := script()
	if err != nil {
		return err
	}
	var told bytes.Buffer
	cmd := exec.Command(path, "install")
	cmd.Stderr = &told
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(told.String()))
	}
	return nil
})

// Need makes sure that Elasticsearch can be started here. Where it cannot, the test is skipped, or fails if CI=true.
func Need(tb testing.TB) {
	tb.Helper()
	err := installed()
	switch {
	case err != nil && os.Getenv("CI") == "true":
		tb.Fatalf("Elasticsearch cannot be had, and with CI=true it must be: %v", err)
	case err != nil:
		tb.Skipf("Elasticsearch cannot be had: %v", err)
	}
}

// process is a node that runs for as long as this process holds the other end of its standard input.
type process struct {
	url    string
	lease  io.Closer
	output *bytes.Buffer // what the script says; to be read once exited is closed
	exited chan struct{}
}

// launch starts a node and waits until it answers. Port and folder are those of scripts/elasticsearch.sh run.
func launch(env []string, port, folder string) (*process, error) {
	path, err := script()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, "run", port, folder)
	cmd.Env = append(os.Environ(), env...)
	p := &process{output: &bytes.Buffer{}, exited: make(chan struct{})}
	cmd.Stderr = p.output
	separate(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.lease = stdin
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	urls := make(chan string, 1)
	go func() {
		defer close(p.exited)
		line, _ := bufio.NewReader(stdout).ReadString('\n') // without a line the node has not started
		urls <- strings.TrimSpace(line)
		_ = cmd.Wait() // how it ended does not matter
	}()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	select {
	case p.url = <-urls:
	case <-ctx.Done():
	}
	if p.url == "" {
		p.stop()
		return nil, fmt.Errorf("elasticsearch has not started: %s", strings.TrimSpace(p.output.String()))
	}
	return p, nil
}

// stop ends the node and waits until it is gone.
func (p *process) stop() {
	_ = p.lease.Close() // it may be gone already
	<-p.exited
}

package nginx_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
)

// site is nginx in front of APIs and workers, each a process of its own.
type site struct {
	redis, results string
	apis           []*platformtest.Process
	addresses      []string // of the APIs
	nginx          *nginxtest.Server
	c              *platformtest.Client // by way of nginx
}

// open starts two APIs, so many workers, and nginx in front.
func open(t *testing.T, workers int) *site {
	t.Helper()
	nginxtest.Need(t)
	s := &site{redis: redistest.Start(t), results: platformtest.Folder(t)}
	o := nginxtest.Options{}
	for range 2 {
		p := platformtest.Start(t, platformtest.APICommand(s.redis, s.results, "--operator-listen", "127.0.0.1:0"))
		s.apis = append(s.apis, p)
	}
	for range workers {
		platformtest.Start(t, platformtest.WorkerCommand(s.redis, s.results, "--calibrate=false"))
	}
	for _, p := range s.apis {
		s.addresses = append(s.addresses, strings.TrimPrefix(p.AwaitReady(t), "http://"))
		opened := p.Err.Await(t, platformtest.Patience, "where the operator is answered", func(l platformtest.Line) bool { return l.Message() == "api opened" })
		o.Operator = append(o.Operator, member(opened, "operator_address"))
	}
	o.API = s.addresses
	s.nginx = nginxtest.Start(t, o)
	s.c = platformtest.NewClient(t, s.nginx.URL)
	return s
}

// member is an attribute of a log line, wherever the line has it.
func member(l platformtest.Line, key string) string {
	for _, name := range []string{key, "numbermill." + key} {
		if v := l.Text(name); v != "" {
			return v
		}
	}
	return ""
}

// again starts an API that was killed on the address that it had.
func (s *site) again(t *testing.T, i int) {
	t.Helper()
	c := platformtest.APICommand(s.redis, s.results)
	c.Args = append(c.Args, "--listen", s.addresses[i])
	s.apis[i] = platformtest.Start(t, c)
	s.apis[i].AwaitReady(t)
}

// front starts nginx in front of servers that the test makes up.
func front(t *testing.T, variables map[string]string, handlers ...http.HandlerFunc) (*nginxtest.Server, *platformtest.Client) {
	t.Helper()
	o := nginxtest.Options{Variables: variables}
	for _, h := range handlers {
		o.API = append(o.API, serve(t, h))
	}
	n := nginxtest.Start(t, o)
	return n, platformtest.NewClient(t, n.URL)
}

// serve answers on an address of its own.
func serve(t *testing.T, h http.HandlerFunc) (address string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// refusing is an address that somebody has and where nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	_, address := bound(t)
	return address
}

// bound is a socket that has an address.
func bound(t *testing.T) (fd int, address string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	inet, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		t.Fatalf("the address is %T", name)
	}
	return fd, fmt.Sprintf("127.0.0.1:%d", inet.Port)
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// ask makes a request that gets an answer.
func ask(t *testing.T, c *platformtest.Client, method, path, body string, headers ...string) platformtest.Reply {
	t.Helper()
	r, err := c.Do(within(t, platformtest.Patience), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// submit submits a computation that has to be taken.
func submit(t *testing.T, c *platformtest.Client, body string, headers ...string) api.Job {
	t.Helper()
	r := ask(t, c, http.MethodPost, "/v1/jobs", body, headers...)
	var j api.Job
	if err := r.Decode(&j); err != nil || r.Status >= http.StatusBadRequest {
		t.Fatalf("submit: %s (%v)", r, err)
	}
	return j
}

// raw sends bytes to nginx and returns all that comes back until it closes.
func raw(t *testing.T, n *nginxtest.Server, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(platformtest.Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(conn) // a connection that is reset has said all as well
	return string(answer)
}

// of matches the log lines of a path with a status.
func of(path, status string) func(nginxtest.Line) bool {
	return func(l nginxtest.Line) bool {
		return l.Text("url.path") == path && l.Text("http.response.status_code") == status
	}
}

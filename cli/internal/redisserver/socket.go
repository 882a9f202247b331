package redisserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// maxSocketPath is how long the path of a unix socket may be: 104 bytes on some systems, with room for redis-server's own use.
	maxSocketPath = 100
	socketName    = "redis.sock"
	// linkName leads from the data to the folder of the socket where that is elsewhere.
	linkName = "socket"
	// tempPrefix begins the name of such a folder.
	tempPrefix = "numbermill-"
)

// socket is where the server listens.
type socket struct {
	path string
	link string // the symbolic link in the data folder, or ""
}

// makeSocket finds a place in dir, or in a private temporary folder if the path would be too long; the link then remembers it.
func makeSocket(dir string) (socket, error) {
	if path := filepath.Join(dir, socketName); len(path) <= maxSocketPath {
		return socket{path: path}, nil
	}
	temp, err := os.MkdirTemp(shortTempDir(), tempPrefix) // only its owner may enter
	if err != nil {
		return socket{}, fmt.Errorf("make a folder for the socket of redis-server: %w", err)
	}
	link := filepath.Join(dir, linkName)
	if err := os.Symlink(temp, link); err != nil {
		return socket{}, errors.Join(fmt.Errorf("remember the socket of redis-server: %w", err), os.Remove(temp))
	}
	return socket{filepath.Join(temp, socketName), link}, nil
}

// shortTempDir is the system's temporary folder, unless that is too deep itself.
func shortTempDir() string {
	const random = "0123456789" // the most that MkdirTemp appends
	if dir := os.TempDir(); len(filepath.Join(dir, tempPrefix+random, socketName)) <= maxSocketPath {
		return dir
	}
	return "/tmp"
}

// currentSocket is the path that a server on dir has been given, whether it still runs or not.
func currentSocket(dir string) string {
	if temp, err := os.Readlink(filepath.Join(dir, linkName)); err == nil {
		return filepath.Join(temp, socketName)
	}
	return filepath.Join(dir, socketName)
}

// url returns the address for a Redis client.
func (s socket) url() string {
	u := url.URL{Scheme: "unix", Path: s.path}
	return u.String()
}

// remove takes the socket and its folder away. Both are worthless without a server, so nothing is made of an error.
func (s socket) remove() {
	_ = os.Remove(s.path)
	if s.link != "" {
		_ = os.Remove(filepath.Dir(s.path))
		_ = os.Remove(s.link)
	}
}

// removeStale is remove for what an earlier process has left, with a look at what the link leads to.
func removeStale(dir string) error {
	path, link := currentSocket(dir), filepath.Join(dir, linkName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the old socket: %w", err)
	}
	if temp := filepath.Dir(path); temp != dir && strings.HasPrefix(filepath.Base(temp), tempPrefix) {
		_ = os.Remove(temp) // it may be gone, or the system's next clean-up takes it
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the old link: %w", err)
	}
	return nil
}

// ask sends one command without arguments and waits for the answer, which matters only if it is an error of Redis.
func ask(ctx context.Context, path, command string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	const patience = time.Second
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if message, failed := strings.CutPrefix(answer, "-"); failed {
		return errors.New(strings.TrimSpace(message))
	}
	return nil
}

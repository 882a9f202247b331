package benchmark

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// answerLimit is how long an answer may take.
const answerLimit = 2 * time.Minute

// Conn is a connection that is kept, for one request after the other. It knows of HTTP/1.1 what our servers and their peers answer, and costs a
// third of what net/http does: the load shares the processors with what is measured. It is not safe for concurrent use.
type Conn struct {
	host   string
	conn   net.Conn
	reader *bufio.Reader
	head   []byte // of the request under way
	body   []byte // of the last answer
}

// DialHTTP connects to an http URL.
func DialHTTP(ctx context.Context, url string) (*Conn, error) {
	host := strings.TrimPrefix(url, "http://")
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", url, err)
	}
	return &Conn{host: host, conn: conn, reader: bufio.NewReaderSize(conn, 16<<10)}, nil
}

// Close ends the connection.
func (c *Conn) Close() { _ = c.conn.Close() } // nothing is under way

// Do sends a request and returns the answer's status and body, which is good until the next request. Header is whole lines, each with its CR LF.
func (c *Conn) Do(method, path, header string, body []byte) (status int, answer []byte, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(answerLimit)); err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	h := c.head[:0]
	h = append(append(append(append(h, method...), ' '), path...), " HTTP/1.1\r\nHost: "...)
	h = append(append(append(h, c.host...), "\r\n"...), header...)
	if body != nil {
		h = strconv.AppendInt(append(h, "Content-Type: application/json\r\nContent-Length: "...), int64(len(body)), 10)
		h = append(h, "\r\n"...)
	}
	c.head = append(append(h, "\r\n"...), body...)
	if _, err := c.conn.Write(c.head); err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status, err = c.read(); err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return status, c.body, nil
}

// read reads a whole answer.
func (c *Conn) read() (status int, err error) {
	line, err := c.line()
	if err != nil {
		return 0, err
	}
	const version = len("HTTP/1.1 ")
	if len(line) < version+3 {
		return 0, fmt.Errorf("the answer begins with %q", line)
	}
	if status, err = strconv.Atoi(string(line[version : version+3])); err != nil {
		return 0, fmt.Errorf("the answer begins with %q", line)
	}
	length, chunked := 0, false
	for {
		if line, err = c.line(); err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); len(name) == len("content-length") && bytes.EqualFold(name, []byte("content-length")) {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, fmt.Errorf("the answer's length is %q", value)
			}
		} else if bytes.EqualFold(name, []byte("transfer-encoding")) {
			chunked = true
		}
	}
	c.body = c.body[:0]
	if chunked {
		return status, c.chunks()
	}
	return status, c.take(length)
}

// chunks reads the body that comes in pieces.
func (c *Conn) chunks() error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		length, err := strconv.ParseInt(string(line), 16, 32)
		if err != nil {
			return fmt.Errorf("a chunk's length is %q", line)
		}
		if err := c.take(int(length)); err != nil {
			return err
		}
		if _, err := c.line(); err != nil || length == 0 {
			return err
		}
	}
}

// take adds to the body what comes next.
func (c *Conn) take(length int) error {
	if length < 0 {
		return errors.New("an answer of less than nothing")
	}
	from := len(c.body)
	c.body = append(c.body, make([]byte, length)...)
	_, err := io.ReadFull(c.reader, c.body[from:])
	return err
}

func (c *Conn) line() ([]byte, error) {
	line, err := c.reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// lineFields are the fields that a line of JSON may have, and what each must look like when it is printed. They are those of the Elastic Common
// Schema that our index knows; what is not among them has to be under numbermill.
var lineFields = map[string]string{
	"@timestamp":                `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z`,
	"process.pid":               `\d+`,
	"service.name":              `numbermill(-api|-worker)?`,
	"service.version":           `.+`,
	"service.node.name":         `[0-9a-f-]{36}`,
	"ecs.version":               `8\.\d+\.\d+`,
	"log.level":                 `debug|info|warn|error`,
	"message":                   `.+`,
	"trace.id":                  `[0-9a-f]{32}`,
	"span.id":                   `[0-9a-f]{16}`,
	"job.id":                    `job_[0-9a-f-]{36}`,
	"function":                  `fibonacci|fibonacci-sum|factorial|ackermann`,
	"error.message":             `(?s).+`,
	"http.request.id":           `.+`,
	"http.request.method":       `[A-Z]+`,
	"http.route":                `/.*|web|unmatched`,
	"http.response.status_code": `[1-5]\d\d`,
	"http.response.body.bytes":  `\d+`,
	"event.duration":            `\d+`,
}

// The begin of every line: collectors of files tell those apart by it.
var lineBegin = regexp.MustCompile(`^{"@timestamp":"[^"]+","process\.pid":\d+,"service\.node\.name":"[^"]+","service\.name":"[^"]+","service\.version":"[^"]+","ecs\.version":`)

var ownField = regexp.MustCompile(`^numbermill(\.[a-z][a-z0-9_]*)+$`)

// Every line that `up` writes while jobs come and go, at its most talkative, is valid, on standard error and in the log file alike.
func TestLogLines(t *testing.T) {
	t.Parallel()
	file := filepath.Join(platformtest.Folder(t), "logs", "numbermill-{host}.json")
	up, c := platformtest.Up(t, platformtest.Folder(t), "--log-level", "debug", "--log-file", file)
	for _, of := range [][2]string{{"fibonacci", "n=4321"}, {"factorial", "n=1234"}, {"fibonacci", "n=4321"}} {
		await(t, c, submit(t, c, of[0], of[1]).ID, job.Succeeded, platformtest.Patience)
	}
	request(t, c, "POST", jobs, `{"function":"factorial","args":{"n":"-1"}}`)
	request(t, c, "GET", "/v1/nothing", "")
	request(t, c, "GET", "/metrics", "")
	request(t, c, "GET", jobs, "", "Host", "evil.example")
	up.Signal(t, syscall.SIGTERM)
	if code := up.Exit(t, platformtest.Patience); code != 0 {
		t.Errorf("it ends with %d, want 0", code)
	}

	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(strings.ReplaceAll(file, "{host}", host))
	if err != nil {
		t.Fatal(err)
	}
	written := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	seen := map[string]bool{}
	var said []string
	for _, line := range up.Err.Lines() {
		said = append(said, line.Raw)
		for key := range line.Fields {
			seen[key] = true
		}
	}
	if len(said) != len(written) {
		t.Errorf("standard error has %d lines and the file %d, want the same", len(said), len(written))
	}
	for _, line := range append(said, written...) {
		if err := validLine(line); err != nil {
			t.Errorf("%v in\n%s", err, line)
		}
	}
	for _, key := range []string{"trace.id", "job.id", "http.route", "http.response.status_code", "event.duration", "numbermill.computation"} {
		if !seen[key] {
			t.Errorf("no line has %s", key)
		}
	}
}

// validLine says what is wrong with a line, if anything is.
func validLine(raw string) error {
	if !lineBegin.MatchString(raw) {
		return errors.New("it does not begin with the time and the process")
	}
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		key := fmt.Sprint(token)
		var value any
		if err := d.Decode(&value); err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%s stands there twice", key)
		}
		seen[key] = true
		want, known := lineFields[key]
		switch _, object := value.(map[string]any); {
		case known && (object || !regexp.MustCompile(`^(`+want+`)$`).MatchString(fmt.Sprint(value))):
			return fmt.Errorf("%s is %v, want %s", key, value, want)
		case !known && !ownField.MatchString(key):
			return fmt.Errorf("there is a field %s", key)
		}
	}
	for _, key := range []string{"log.level", "message"} {
		if !seen[key] {
			return fmt.Errorf("there is no %s", key)
		}
	}
	return nil
}

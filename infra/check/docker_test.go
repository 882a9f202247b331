package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// dockerfile is what infra/docker/Dockerfile says.
type dockerfile struct {
	from    []string
	user    string
	labels  string
	expose  string
	health  []string // the command
	copies  []string // sources out of the tree
	made    string   // what RUN does
	ignored *patternmatcher.PatternMatcher
}

var (
	continued = regexp.MustCompile(`\\\n\s*`)
	fromLine  = regexp.MustCompile(`^(?:--platform=\S+ )?(\S+)(?: AS \S+)?$`)
)

// readDockerfile splits the file into instructions; those of the last stage win.
func readDockerfile(tb testing.TB) dockerfile {
	tb.Helper()
	var d dockerfile
	text := continued.ReplaceAllString(read(tb, "infra/docker/Dockerfile"), "")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		instruction, rest, _ := strings.Cut(line, " ")
		switch instruction {
		case "FROM":
			d.from = append(d.from, fromLine.FindStringSubmatch(rest)[1])
			d.user = ""
		case "USER":
			d.user = rest
		case "LABEL":
			d.labels = rest
		case "EXPOSE":
			d.expose = rest
		case "RUN":
			d.made += rest + "\n"
		case "COPY":
			if words := strings.Fields(rest); !strings.HasPrefix(words[0], "--from") {
				d.copies = append(d.copies, words[:len(words)-1]...)
			}
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			if err := json.Unmarshal([]byte(command), &d.health); err != nil {
				tb.Fatalf("HEALTHCHECK of the Dockerfile: %v", err)
			}
		}
	}
	patterns, err := ignorefile.ReadAll(strings.NewReader(read(tb, ".dockerignore")))
	if err != nil {
		tb.Fatal(err)
	}
	if d.ignored, err = patternmatcher.New(patterns); err != nil {
		tb.Fatal(err)
	}
	return d
}

// sent tells whether a file is part of what the image is built from.
func (d dockerfile) sent(file string) bool {
	ignored, err := d.ignored.MatchesOrParentMatches(file)
	return err == nil && !ignored
}

// ownImage is minimal, without root and without secrets.
func ownImage(s *stack) (p problems) {
	d := s.docker
	if last := d.from[len(d.from)-1]; last != "scratch" {
		p.add("it is based on %s", last)
	}
	for _, name := range []string{"api", "worker", "setup", "setup-kibana"} {
		if c := s.compose.Services[name]; c.User != d.user || c.Image != "numbermill:local" {
			p.add("%s runs %s as %q, and the image is made for %q", name, c.Image, c.User, d.user)
		}
	}
	if strings.HasPrefix(d.user, "0") || d.user == "" {
		p.add("it runs as root")
	}
	for _, label := range []string{"title", "description", "licenses", "version", "revision"} {
		if !strings.Contains(d.labels, "org.opencontainers.image."+label+"=") {
			p.add("it has no label %s", label)
		}
	}
	for _, part := range []string{"npm ci", "npm run build", "go build -trimpath", "ca-certificates.crt"} {
		if !strings.Contains(d.made, part) {
			p.add("nothing in it runs %s", part)
		}
	}
	for _, source := range d.copies {
		if _, err := os.Stat(filepath.Join(root, source)); err != nil {
			p.add("it copies %s: %v", source, err)
		}
		if !d.sent(strings.TrimSuffix(source, "/")) {
			p.add("it copies %s, which .dockerignore leaves out", source)
		}
	}
	for _, secret := range []string{".env", ".env.example", "infra/.env", ".git/config", "e2e/go.mod", "frontend/node_modules/x/package.json"} {
		if d.sent(secret) {
			p.add("%s is sent to whoever builds it", secret)
		}
	}
	for _, kept := range []string{".env", "/results/"} {
		if !slices.Contains(strings.Split(textOf(".gitignore"), "\n"), kept) {
			p.add("Git takes %s", kept)
		}
	}
	return p
}

var (
	elasticImage = regexp.MustCompile(`^docker\.elastic\.co/.*:(.*)$`)
	goVersion    = regexp.MustCompile(`^golang:([0-9.]+)-`)
)

// oneVersion says that what is tested is what is started.
func oneVersion(s *stack) (p problems) {
	tested := regexp.MustCompile(`(?m)^version=([0-9.]+)`).FindStringSubmatch(textOf("scripts/elasticsearch.sh"))
	if tested == nil {
		return problems{"scripts/elasticsearch.sh does not say which version it starts"}
	}
	for _, name := range names(s.compose) {
		if m := elasticImage.FindStringSubmatch(s.compose.Services[name].Image); m != nil && m[1] != tested[1] {
			p.add("%s is %s, and the tests are made with %s", name, m[1], tested[1])
		}
	}
	_, tag, _ := strings.Cut(s.compose.Services["otel-collector"].Image, ":")
	if !strings.Contains(textOf("infra/check/go.mod"), "go.opentelemetry.io/collector/exporter/otlpexporter v"+tag) {
		p.add("the Collector is %s, and its file is checked by another version", tag)
	}
	language := strings.TrimSuffix(regexp.MustCompile(`(?m)^go (\S+)`).FindStringSubmatch(textOf("go.work"))[1], ".0")
	for _, image := range s.docker.from {
		if m := goVersion.FindStringSubmatch(image); m != nil && !strings.HasPrefix(m[1], language) {
			p.add("the image is built by Go %s, and the tree asks for %s", m[1], language)
		}
	}
	return p
}

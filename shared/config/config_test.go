package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"numbermill/shared/config"
)

type settings struct {
	Listen  string
	Redis   config.Secret
	Jobs    int
	Wait    time.Duration
	Memory  int64
	Hosts   []string
	Format  string
	Data    string
	Monitor bool
}

func flags(s *settings) *pflag.FlagSet {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.AddShort(fs, &s.Listen, "listen", "l", "address", config.Address())
	config.AddSecret(fs, &s.Redis, "redis", "where Redis is", config.RedisURL())
	config.Add(fs, &s.Jobs, "max-jobs", "how many", config.Count(1, 100))
	config.Add(fs, &s.Wait, "wait", "how long", config.Duration(time.Second, time.Hour))
	config.Add(fs, &s.Memory, "memory", "how large", config.Size(1<<20, math.MaxInt64))
	config.Add(fs, &s.Hosts, "hosts", "names", config.Hosts())
	config.Add(fs, &s.Format, "format", "looks", config.OneOf("text", "json"))
	config.Add(fs, &s.Data, "data", "folder", config.Path("DIR"))
	config.Add(fs, &s.Monitor, "monitor", "switch", config.Switch())
	fs.String("other", "", "a flag of somebody else")
	return fs
}

var defaults = settings{Listen: "127.0.0.1:8080", Jobs: 3, Wait: time.Minute, Memory: 512 << 20, Format: "text"}

func load(arguments []string, environment map[string]string) (settings, error) {
	s := defaults
	fs := flags(&s)
	if err := fs.Parse(arguments); err != nil {
		return s, config.Explain(err)
	}
	err := config.Load(fs, func(name string) (string, bool) { v, ok := environment[name]; return v, ok })
	return s, err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "redis")
	if err := os.WriteFile(file, []byte("redis://:secret@db:6379/1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		arguments   []string
		environment map[string]string
		want        func(*settings)
	}{
		"defaults": {nil, nil, func(*settings) {}},
		"flags": {
			[]string{
				"-l:0", "--redis=unix:///run/redis.sock", "--max-jobs=1_00", "--wait=90s", "--memory=2GB",
				"--hosts=Mill.example.org", "--hosts= 10.0.0.7,::1", "--format=json", "--data=d", "--monitor",
			},
			nil,
			func(s *settings) {
				*s = settings{
					":0", "unix:///run/redis.sock", 100, 90 * time.Second, 2 << 30,
					[]string{"mill.example.org", "10.0.0.7", "::1"},
					"json", "d", true,
				}
			},
		},
		"environment": {
			nil,
			map[string]string{"NUMBERMILL_MAX_JOBS": "7", "NUMBERMILL_MONITOR": "true", "NUMBERMILL_WAIT": "", "NUMBERMILL_OTHER": "x"},
			func(s *settings) { s.Jobs, s.Monitor = 7, true },
		},
		"the flag wins": {[]string{"--max-jobs=8"}, map[string]string{"NUMBERMILL_MAX_JOBS": "x"}, func(s *settings) { s.Jobs = 8 }},
		"secret file": {
			nil,
			map[string]string{"NUMBERMILL_REDIS_FILE": file},
			func(s *settings) { s.Redis = "redis://:secret@db:6379/1" },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := defaults
			tt.want(&want)
			got, err := load(tt.arguments, tt.environment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		argument  string
		variables map[string]string
		want      []string
	}{
		{"--listen=8080", nil, []string{"--listen: ", `"8080"`, "HOST:PORT"}},
		{"--listen=h:99999", nil, []string{"--listen: "}},
		{"--redis=http://:hunter2@h", nil, []string{"--redis: ", "redis://HOST:PORT"}},
		{"--redis=redis://", nil, []string{"--redis: the URL names no host"}},
		{"--redis=unix://", nil, []string{"--redis: the URL names no socket"}},
		{"--redis=redis://:hunter2@h:x y", nil, []string{"--redis: this is not a URL"}},
		{"--max-jobs=0", nil, []string{"--max-jobs: ", "from 1 to 100"}},
		{"--max-jobs=99999999999999999999", nil, []string{"--max-jobs: ", "from 1 to 100"}},
		{"--wait=5", nil, []string{"--wait: ", "from 1s to 1h,"}},
		{"--memory=9999999999gb", nil, []string{"--memory: ", "from 1mb up", "512mb"}},
		{"--memory=-1", nil, []string{"--memory: "}},
		{"--hosts=http://h", nil, []string{"--hosts: ", "without scheme"}},
		{"--hosts=h:80", nil, []string{"--hosts: ", "without scheme, port"}},
		{"--hosts=", nil, []string{"--hosts: "}},
		{"--format=xml", nil, []string{`--format: "xml" is none of text, json`}},
		{"--data=", nil, []string{"--data: it is empty"}},
		{"--monitor=maybe", nil, []string{"--monitor: ", "true or false"}},
		{"--unknown", nil, []string{"unknown flag: --unknown"}},
		{"", map[string]string{"NUMBERMILL_LISTEN": "x", "NUMBERMILL_WAIT": "y"}, []string{"NUMBERMILL_LISTEN: ", "NUMBERMILL_WAIT: "}},
		{"", map[string]string{"NUMBERMILL_REDIS": "hunter2"}, []string{"NUMBERMILL_REDIS: "}},
		{"", map[string]string{"NUMBERMILL_REDIS": "redis://a", "NUMBERMILL_REDIS_FILE": empty}, []string{"NUMBERMILL_REDIS_FILE: NUMBERMILL_REDIS is set as well"}},
		{"", map[string]string{"NUMBERMILL_REDIS_FILE": empty}, []string{"NUMBERMILL_REDIS_FILE: ", "is empty"}},
		{"", map[string]string{"NUMBERMILL_REDIS_FILE": large}, []string{"NUMBERMILL_REDIS_FILE: ", "larger than"}},
		{"", map[string]string{"NUMBERMILL_REDIS_FILE": empty + ".not"}, []string{"NUMBERMILL_REDIS_FILE: ", "no such file"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.argument, tt.variables), func(t *testing.T) {
			t.Parallel()
			var arguments []string
			if tt.argument != "" {
				arguments = []string{tt.argument}
			}
			_, err := load(arguments, tt.variables)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells a secret: %q", err)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	s := defaults
	s.Redis = "redis://:hunter2@h"
	fs := flags(&s)
	config.Document(fs)
	usage := fs.FlagUsages()
	for _, want := range []string{
		"--listen HOST:PORT", "[NUMBERMILL_LISTEN] (default 127.0.0.1:8080)", "[NUMBERMILL_REDIS or NUMBERMILL_REDIS_FILE]",
		"[NUMBERMILL_MAX_JOBS] (default 3)", "[NUMBERMILL_MEMORY] (default 512mb)", "[NUMBERMILL_WAIT] (default 1m)", "--monitor ", "somebody else\n",
	} {
		if !strings.Contains(usage, want) {
			t.Errorf("the usage lacks %q:\n%s", want, usage)
		}
	}
	if strings.Contains(usage, "hunter2") {
		t.Errorf("the usage tells a secret:\n%s", usage)
	}
}

func TestSecretHidesItself(t *testing.T) {
	t.Parallel()
	s := struct{ Redis config.Secret }{"hunter2"}
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", slog.Any("redis", s.Redis))
	for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s), string(asJSON), log.String()} {
		if strings.Contains(got, "hunter2") || !strings.Contains(got, "REDACTED") {
			t.Errorf("the secret prints as %q", got)
		}
	}
	if got := s.Redis.Reveal(); got != "hunter2" {
		t.Errorf("Reveal returns %q, want the text", got)
	}
	if got := config.Secret("").String(); got != "" {
		t.Errorf("an empty secret prints as %q, want nothing", got)
	}
}

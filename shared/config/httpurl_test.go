package config_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"numbermill/shared/config"
)

func TestHTTPURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://127.0.0.1:9200":                       "",
		"https://elastic:hunter2@es.example.org/base": "",
		"http://[::1]:9200":                           "",
		"http://elastic:hunter2@":                     "names no host",
		"http://elastic:hunter2@es:0":                 "port",
		"http://elastic:hunter2@es:99999":             "port",
		"redis://elastic:hunter2@es":                  "neither http",
		"elastic:hunter2@es":                          "URL",
		"http://elastic:hunter2@es?pretty":            "query",
		"http://elastic:hunter2@es:%zz":               "not a URL",
		"":                                            "neither http",
	} {
		var got config.Secret
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		config.AddSecret(flags, &got, "elasticsearch", "where it is", config.HTTPURL())
		err := flags.Set("elasticsearch", text)
		switch {
		case want == "" && (err != nil || got.Reveal() != text):
			t.Errorf("%q: got %q, %v, want it taken", text, got.Reveal(), err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		}
		if parsed := config.Explain(err); err != nil && strings.Contains(strings.ReplaceAll(parsed.Error(), text, ""), "hunter2") {
			t.Errorf("%q: the error repeats the password: %v", text, parsed)
		}
	}
}

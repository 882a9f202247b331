package config_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"numbermill/shared/config"
)

func TestPageURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ taken, refused string }{
		"http://127.0.0.1:5601":             {"http://127.0.0.1:5601", ""},
		"https://example.org/kibana/":       {"https://example.org/kibana", ""},
		"http://elastic:hunter2@kibana":     {"", "everybody would see"},
		"javascript:alert(1)":               {"", "neither http"},
		"http://kibana/?a=b":                {"", "query"},
		"//kibana:5601":                     {"", "neither http"},
		"http://":                           {"", "names no host"},
		"http://kibana:0":                   {"", "port"},
		"http://elastic:hunter2@kibana:%zz": {"", "not a URL"},
	} {
		var got string
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		config.Add(flags, &got, "kibana", "where it is", config.PageURL())
		err := flags.Set("kibana", text)
		if want.refused == "" && (err != nil || got != want.taken) {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want.taken)
		}
		if want.refused != "" && (err == nil || !strings.Contains(err.Error(), want.refused)) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want.refused)
		}
	}
}

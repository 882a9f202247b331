package config_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"numbermill/shared/config"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"hunter2": "", "hünter": "", "hunt2": "too short", "": "too short", "hunter2\nhunter3": "more than one line"}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var got config.Secret
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			config.AddSecret(flags, &got, "grafana-password", "that of Grafana", config.Password())
			err := config.Explain(flags.Set("grafana-password", text))
			switch {
			case want == "" && (err != nil || got.Reveal() != text):
				t.Errorf("it is %q (%v), want %q", got.Reveal(), err, text)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("the error is %v, want %q in it", err, want)
			case want != "" && text != "" && strings.Contains(err.Error(), text):
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

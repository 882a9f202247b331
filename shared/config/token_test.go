package config_test

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"numbermill/shared/config"
)

func TestToken(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"0123456789abcdef": true, "a-b_c.d": true, "": false, "two words": false, "sm\u00f8rrebr\u00f8d": false, "line\nbreak": false} {
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		var got config.Secret
		config.AddSecret(flags, &got, "key", "what it is for", config.Token())
		err := flags.Parse([]string{"--key=" + text})
		if (err == nil) != ok || ok && got.Reveal() != text {
			t.Errorf("%q: got %q and %v, want it taken: %v", text, got.Reveal(), err, ok)
		}
		if err := config.Explain(err); err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
}

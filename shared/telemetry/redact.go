package telemetry

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

const hidden = "REDACTED"

var (
	// secretNames are the attribute keys whose values are never written.
	secretNames = regexp.MustCompile(`(?i)(^|_)(password|passwd|secret|token|api_?key|authorization|cookie|credentials?)$`)
	// userInfo is the part of a URL that may hold a password.
	userInfo = regexp.MustCompile(`://[^/\s@"']*@`)
)

// redact replaces secrets in an attribute: values under a secret name, and user names and passwords inside URLs, wherever in a
// text they stand. It is a net under the rule that nobody logs them.
func redact(_ []string, a slog.Attr) slog.Attr {
	if secretNames.MatchString(a.Key) {
		return slog.String(a.Key, hidden)
	}
	var text string
	switch a.Value.Kind() {
	case slog.KindString:
		text = a.Value.String()
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error:
			text = v.Error()
		case fmt.Stringer:
			text = v.String()
		default:
			return a
		}
	default:
		return a
	}
	if strings.Contains(text, "://") && userInfo.MatchString(text) {
		return slog.String(a.Key, userInfo.ReplaceAllString(text, "://"+hidden+"@"))
	}
	return a
}

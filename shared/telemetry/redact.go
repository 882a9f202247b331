package telemetry

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

const hidden = "REDACTED"

// secretNames are the last words of attribute keys whose values are never written, and of groups that are not.
var secretNames = []string{
	"password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "cookie", "credential", "credentials", "api-key",
}

// userInfo is the part of a URL that may hold a password.
var userInfo = regexp.MustCompile(`://[^/\s@"']*@`)

// isSecret tells whether a key names a secret.
func isSecret(key string) bool {
	key = strings.ToLower(key)
	for _, name := range secretNames {
		if before, found := strings.CutSuffix(key, name); found && (before == "" || strings.ContainsRune("_.-", rune(before[len(before)-1]))) {
			return true
		}
	}
	return false
}

// redact replaces secrets in an attribute: values under a secret name, and user names and passwords inside URLs, wherever in a
// text they stand. It is a net under the rule that nobody logs them.
func redact(groups []string, a slog.Attr) slog.Attr {
	if isSecret(a.Key) || len(groups) > 0 && isSecret(groups[len(groups)-1]) {
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
		case []string:
			text = strings.Join(v, ", ")
		default:
			return a
		}
	default:
		return a
	}
	if safe := hideUserInfo(text); safe != text {
		return slog.String(a.Key, safe)
	}
	return a
}

// hideUserInfo replaces user names and passwords inside the URLs of a text.
func hideUserInfo(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return userInfo.ReplaceAllString(text, "://"+hidden+"@")
}

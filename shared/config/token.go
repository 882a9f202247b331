package config

import (
	"errors"
	"strings"
)

// Token is a secret that some service has given out. No message repeats it.
func Token() Kind[Secret] {
	return Kind[Secret]{name: "TOKEN", parse: parseToken, format: Secret.String}
}

func parseToken(text string) (Secret, error) {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errors.New("it is empty or has spaces or letters with accents in it; copy it as the service shows it")
	}
	return Secret(text), nil
}

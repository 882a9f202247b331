package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// leastPassword is the shortest password that Elasticsearch takes, in characters.
const leastPassword = 6

// Password is that of a user of Elasticsearch. No message repeats it.
func Password() Kind[Secret] {
	return Kind[Secret]{name: "PASSWORD", parse: parsePassword, format: Secret.String}
}

func parsePassword(text string) (Secret, error) {
	switch {
	case utf8.RuneCountInString(text) < leastPassword:
		return "", fmt.Errorf("the password is too short; make it %d characters or longer", leastPassword)
	case strings.ContainsAny(text, "\r\n"):
		return "", errors.New("the password goes over more than one line; write it on one")
	}
	return Secret(text), nil
}

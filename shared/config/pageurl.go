package config

import (
	"errors"
	"net/url"
	"strings"
)

// PageURL is http:// or https:// with a host, and a path if need be: where people's browsers find something. It is shown to everybody, so it
// must hold no password. A slash at its end is taken off.
func PageURL() Kind[string] {
	return Kind[string]{name: "URL", parse: parsePageURL, format: plain}
}

func parsePageURL(text string) (string, error) {
	const want = "write http://HOST:PORT or https://HOST/PATH"
	if _, err := parseHTTPURL(text); err != nil {
		return "", err
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", errors.New("this is not a URL; " + want)
	case u.User != nil:
		return "", errors.New("the URL has a user name or a password, which everybody would see; " + want)
	}
	return strings.TrimRight(text, "/"), nil
}

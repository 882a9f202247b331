package config

import (
	"errors"
	"net/url"
	"strconv"
)

// HTTPURL is http:// or https:// with a host, such as that of Elasticsearch. It may hold a user and a password, so no message repeats it.
func HTTPURL() Kind[Secret] {
	return Kind[Secret]{name: "URL", parse: parseHTTPURL, format: Secret.String}
}

func parseHTTPURL(text string) (Secret, error) {
	const want = "write http://HOST:PORT or https://USER:PASSWORD@HOST:PORT"
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", errors.New("this is not a URL; " + want) // the parser's error would repeat it
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the URL begins with neither http:// nor https://; " + want)
	case u.Hostname() == "":
		return "", errors.New("the URL names no host; " + want)
	case u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("the URL has a query or a fragment, which mean nothing here; " + want)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", errors.New("the URL's port is not from 1 to 65535; " + want)
		}
	}
	return Secret(text), nil
}

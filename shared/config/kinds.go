package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Address is where to listen: HOST:PORT. The host may be empty (every interface), the port 0 (any free one).
func Address() Kind[string] {
	return Kind[string]{name: "HOST:PORT", parse: parseAddress, format: plain}
}

func parseAddress(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", fmt.Errorf("%q is not an address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080", text)
	}
	return text, nil
}

// RedisURL is redis://, rediss:// or unix://. It may hold a password, so no message repeats it.
func RedisURL() Kind[Secret] {
	return Kind[Secret]{name: "URL", parse: parseRedisURL, format: Secret.String}
}

func parseRedisURL(text string) (Secret, error) {
	const want = "write redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///PATH/redis.sock"
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("this is not a URL; " + want) // the parser's error would repeat it
	}
	switch u.Scheme {
	case "redis", "rediss":
		if u.Host == "" {
			return "", errors.New("the URL names no host; " + want)
		}
	case "unix":
		if u.Path == "" {
			return "", errors.New("the URL names no socket; " + want)
		}
	default:
		return "", errors.New("this is not the URL of a Redis; " + want)
	}
	return Secret(text), nil
}

// Count is a whole number from least to most.
func Count[T int | int64](least, most T) Kind[T] {
	return Kind[T]{name: "N", format: decimal[T], parse: func(text string) (T, error) {
		n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
		if err != nil || n < int64(least) || n > int64(most) || int64(T(n)) != n {
			return 0, fmt.Errorf("%q does not do; write a whole number %s", text, between(least, most, decimal[T]))
		}
		return T(n), nil
	}}
}

// Duration is a time from least to most, such as 90s, 15m or 24h.
func Duration(least, most time.Duration) Kind[time.Duration] {
	return Kind[time.Duration]{name: "DURATION", format: formatDuration, parse: func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d < least || d > most {
			return 0, fmt.Errorf("%q does not do; write a duration %s, such as 90s, 15m or 24h",
				text, between(least, most, formatDuration))
		}
		return d, nil
	}}
}

// sizes are the units of Size, the largest first.
var sizes = []struct {
	unit  string
	bytes int64
}{{"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"b", 1}}

// Size is a number of bytes from least to most, in powers of 1024 as Redis writes them: 512mb, 2gb, 1048576.
func Size(least, most int64) Kind[int64] {
	return Kind[int64]{name: "SIZE", format: formatSize, parse: func(text string) (int64, error) {
		n, ok := parseSize(text)
		if !ok || n < least || n > most {
			return 0, fmt.Errorf("%q does not do; write a size %s, such as 64kb, 512mb or 2gb", text, between(least, most, formatSize))
		}
		return n, nil
	}}
}

func parseSize(text string) (n int64, ok bool) {
	number, unit := strings.ToLower(strings.TrimSpace(text)), int64(1)
	for _, s := range sizes {
		if rest, found := strings.CutSuffix(number, s.unit); found {
			number, unit = rest, s.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

func formatSize(n int64) string {
	for _, s := range sizes {
		if n != 0 && n%s.bytes == 0 && s.bytes > 1 {
			return strconv.FormatInt(n/s.bytes, 10) + s.unit
		}
	}
	return strconv.FormatInt(n, 10)
}

// Path is the path of something that need not exist yet; name says what, such as "DIR".
func Path(name string) Kind[string] { return Kind[string]{name: name, parse: notEmpty, format: plain} }

func notEmpty(text string) (string, error) {
	if text == "" {
		return "", errors.New("it is empty")
	}
	return text, nil
}

// Hosts are host names as in a Host header, separated by commas. A flag given twice adds to the first.
func Hosts() Kind[[]string] {
	return Kind[[]string]{
		name: "HOSTS", parse: parseHosts, join: func(a, b []string) []string { return slices.Concat(a, b) },
		format: func(hosts []string) string { return strings.Join(hosts, ",") },
	}
}

func parseHosts(text string) ([]string, error) {
	var hosts []string
	for host := range strings.SplitSeq(text, ",") {
		host = strings.ToLower(strings.TrimSpace(host))
		_, notAddress := netip.ParseAddr(host)
		if host == "" || notAddress != nil && strings.ContainsAny(host, ":/@[] *?#") {
			return nil, fmt.Errorf("%q is not a list of host names; write them without scheme, port or path, such as mill.example.org,10.0.0.7", text)
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

// OneOf is one of a few words.
func OneOf(words ...string) Kind[string] {
	return Kind[string]{name: strings.Join(words, "|"), format: plain, parse: func(text string) (string, error) {
		if !slices.Contains(words, text) {
			return "", fmt.Errorf("%q is none of %s", text, strings.Join(words, ", "))
		}
		return text, nil
	}}
}

// Switch is on or off: the flag alone turns it on.
func Switch() Kind[bool] {
	return Kind[bool]{name: "bool", format: strconv.FormatBool, bare: "true", parse: func(text string) (bool, error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return false, fmt.Errorf("%q does not do; write true or false", text)
		}
		return on, nil
	}}
}

// formatDuration writes 15m for 15m0s and 24h for 24h0m0s.
func formatDuration(d time.Duration) string {
	text := d.String()
	if d%time.Minute == 0 && d != 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d%time.Hour == 0 && d != 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func plain(text string) string { return text }

func decimal[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func between[T ~int | ~int64](least, most T, format func(T) string) string {
	if int64(most) == math.MaxInt64 {
		return "from " + format(least) + " up"
	}
	return "from " + format(least) + " to " + format(most)
}

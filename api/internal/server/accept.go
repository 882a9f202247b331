package server

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// checkAccept refuses a client that cannot use what there is. Without an Accept header everything will do.
func checkAccept(r *http.Request, produces string) error {
	given := r.Header["Accept"]
	if produces == "" || len(given) == 0 || len(given) == 1 && (given[0] == produces || given[0] == "*/*") {
		return nil // as almost always
	}
	header := strings.Join(given, ",")
	if strings.TrimSpace(header) == "" || accepts(header, produces) {
		return nil
	}
	return refuse(notAcceptable, "There is only %s here, which the Accept header %q excludes. Leave the header out, or add it.", produces, shorten(header))
}

// accepts tells whether an Accept header lets a media type through; the most specific range that names it decides.
func accepts(header, mediaType string) bool {
	family, _, _ := strings.Cut(mediaType, "/")
	ranges := []string{"*/*", family + "/*", mediaType}
	best, yes := -1, false
	for part := range strings.SplitSeq(header, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if rank := slices.Index(ranges, name); rank > best {
			best, yes = rank, quality(params["q"]) > 0
		}
	}
	return yes
}

// quality is 1 unless something else was said in numbers.
func quality(q string) float64 {
	if v, err := strconv.ParseFloat(q, 64); err == nil {
		return v
	}
	return 1
}

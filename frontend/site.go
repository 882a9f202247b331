package frontend

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	// gzipSuffix marks the compressed twin that scripts/precompress.mjs writes beside a file.
	gzipSuffix = ".gz"

	cacheForever  = "public, max-age=31536000, immutable" // for names that carry a hash of their content
	cacheNotFresh = "no-cache"                            // to be asked for again each time, with the ETag

	// contentPolicy lets the app load nothing but its own files and talk to nobody but its own server. Styles need no
	// 'unsafe-inline': Mantine's variables are a file, and React sets style attributes through the DOM.
	contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// page matches the addresses of the app's pages, as src/app/App.tsx has them.
var page = regexp.MustCompile(`^/(tasks/[^/]+/?|jobs/?|jobs/[^/]+/?|sweep/?|batches/[^/]+/?)?$`)

// file is one file of the app, ready to be served.
type file struct {
	body, gzipped []byte // gzipped is nil where compression gains nothing
	contentType   string
	etag          string // of body; the compressed twin has another
	cache         string
}

// site is the app as files by URL path, with the page apart.
type site struct {
	files map[string]file
	index file
	// tasks are the names that have a page; nil if any has.
	tasks []string
}

// HandlerFor is Handler with pages for these tasks alone: of others the app says, with status 404, that there are none.
func HandlerFor(tasks []string) http.Handler {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("frontend: " + err.Error()) // the name is a constant: fs.Sub refuses invalid names only
	}
	s := newSite(built)
	s.tasks = tasks
	return s
}

// isPage tells whether there is a page under the path.
func (s *site) isPage(path string) bool {
	name, isTask := strings.CutPrefix(path, "/tasks/")
	if isTask && s.tasks != nil && !slices.Contains(s.tasks, strings.TrimSuffix(name, "/")) {
		return false
	}
	return page.MatchString(path)
}

// newSite reads a built app; without an index.html it consists of the placeholder alone.
func newSite(built fs.FS) *site {
	s := &site{files: map[string]file{}, index: newFile("index.html", placeholder, nil)}
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") || strings.HasSuffix(name, gzipSuffix) {
			return err
		}
		body, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		gzipped, err := fs.ReadFile(built, name+gzipSuffix)
		if err != nil {
			gzipped = nil
		}
		s.files["/"+name] = newFile(name, body, gzipped)
		return nil
	})
	if err != nil {
		panic("frontend: " + err.Error()) // an embedded file system does not fail to be read
	}
	if index, ok := s.files["/index.html"]; ok {
		s.index = index
		delete(s.files, "/index.html") // it is the page, not a file of its own
	}
	return s
}

func newFile(name string, body, gzipped []byte) file {
	sum := sha256.Sum256(body)
	f := file{
		body: body, gzipped: gzipped,
		contentType: contentType(name),
		etag:        base64.RawURLEncoding.EncodeToString(sum[:12]),
		cache:       cacheNotFresh,
	}
	if strings.HasPrefix(name, "assets/") {
		f.cache = cacheForever
	}
	return f
}

// contentTypes are written down, since what the mime package answers depends on the machine.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

func contentType(name string) string {
	extension := path.Ext(name)
	if known, ok := contentTypes[extension]; ok {
		return known
	}
	if guess := mime.TypeByExtension(extension); guess != "" {
		return guess
	}
	return "application/octet-stream"
}

// ServeHTTP answers with a file, a page, or the page that says that there is none.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", contentPolicy)
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are allowed here.", http.StatusMethodNotAllowed)
		return
	}
	f, ok := s.files[r.URL.Path]
	switch {
	case ok:
		f.serve(w, r, http.StatusOK)
	case s.isPage(r.URL.Path):
		s.index.serve(w, r, http.StatusOK)
	case strings.HasPrefix(r.URL.Path, "/assets/"):
		http.Error(w, "There is no such file.", http.StatusNotFound) // a script that gets HTML fails in odder ways
	default:
		s.index.serve(w, r, http.StatusNotFound)
	}
}

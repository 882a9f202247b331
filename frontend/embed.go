// Package frontend holds the built web app and serves it. The app itself is TypeScript in src/; `npm run build` writes it to dist/,
// which is embedded here. In a tree where it was never built a page says so, so that the Go code always compiles.
package frontend

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed all:dist
var dist embed.FS

//go:embed placeholder.html
var placeholder []byte

// Handler serves the web app: its pages as HTML whatever the request accepts, its files, and for every other path the app's own
// "not found" page with status 404. Only GET and HEAD are allowed. It is safe for concurrent use and never changes.
func Handler() http.Handler {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("frontend: " + err.Error()) // the name is a constant: fs.Sub refuses invalid names only
	}
	return newSite(built)
}

// Package source is what objects.gen.ndjson is written from: the data views, saved searches, Vega pictures and dashboards that `numbermill setup` puts
// into Kibana. Objects gives them all. To add a picture, add it to a list in pictures_*.go and give it a place in dashboards.go; to
// add a column or a format, see searches.go and dataviews.go. Then run `make generate`.
//
// Identifiers are for good: other pages link to them, and Kibana overwrites an object that has the same one.
package source

//go:generate go run ../cmd/objects ../objects.gen.ndjson

// Package infra carries those files of this folder that the program itself puts in place: what Elasticsearch and Kibana are set up with.
package infra

import (
	"embed"
	"io/fs"
)

//go:embed elasticsearch kibana/*.ndjson kibana/settings.json
var files embed.FS

// Elasticsearch returns what Elasticsearch is set up with, one JSON document a file, named for what it becomes:
//
//   - component-templates/NAME.json. One whose _meta names data_streams is for streams with a template of Elasticsearch's own, which takes
//     it in.
//   - index-templates/NAME.json. One that is no data stream's has the name of its index.
//   - roles/NAME.json, each for the user of the same name.
func Elasticsearch() fs.FS { return below("elasticsearch") }

// Kibana returns what Kibana is set up with: *.ndjson are saved objects to import, settings.json are settings, defaultIndex among them.
func Kibana() fs.FS { return below("kibana") }

func below(dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the names above are right
	}
	return sub
}

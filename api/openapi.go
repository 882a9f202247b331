// Package api is the contract of the REST API: the OpenAPI document, and the JSON documents that it describes as Go types, which the
// server writes and the client reads. A test holds the two together. See docs/decisions/0040.
package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var document []byte

// YAML is the OpenAPI 3.1 document as it was written. The caller must not change it.
func YAML() []byte { return document }

// JSON is the same document as JSON. The caller must not change it.
var JSON = sync.OnceValues(func() ([]byte, error) {
	var tree any
	if err := yaml.Unmarshal(document, &tree); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	b, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document as JSON: %w", err)
	}
	return b, nil
})

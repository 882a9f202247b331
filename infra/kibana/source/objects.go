package source

import (
	"bytes"
	"slices"
)

// Objects is everything that is imported into Kibana, one JSON object a line, always in the same order.
func Objects() ([]byte, error) {
	var b bytes.Buffer
	for _, part := range []func() ([]Object, error){dataViewObjects, searchObjects, pictureObjects, noteObjects, dashboardObjects} {
		objects, err := part()
		if err != nil {
			return nil, err
		}
		for _, o := range objects {
			line, err := compact(o)
			if err != nil {
				return nil, err
			}
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

// made turns a list of sources into objects.
func made[T any](sources []T, make1 func(T) (Object, error)) ([]Object, error) {
	objects := make([]Object, 0, len(sources))
	for source := range slices.Values(sources) {
		o, err := make1(source)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

package source

import "slices"

// pictures are all of them; each dashboard has a file of its own.
func pictures() []picture {
	return slices.Concat(levelPictures(), trafficPictures(), jobPictures(), logPictures(), tracePictures())
}

// pictureObjects are the pictures as Kibana imports them.
func pictureObjects() ([]Object, error) {
	return made(pictures(), func(p picture) (Object, error) {
		return visualization(p.id, p.title, p.description, VisState{
			Title: p.title, Type: "vega", Aggs: []string{}, Params: VisParams{Spec: indented(p.spec())},
		})
	})
}

// visualization is what a picture and a note have in common.
func visualization(id, title, description string, state VisState) (Object, error) {
	return object(typeVisualization, visualizationVersion, id, Visualization{
		Title: title, Description: description, UIStateJSON: "{}", Version: 1, VisState: text(state),
		Meta: meta(SearchSource{Query: Query{Language: "kuery"}}),
	})
}

package command

import (
	"github.com/spf13/pflag"

	"numbermill/shared/config"
)

// elastic says where Elasticsearch is, for the commands that keep a history there or put things in place.
type elastic struct{ url config.Secret }

func (e *elastic) flags(flags *pflag.FlagSet) {
	config.AddSecret(flags, &e.url, "elasticsearch",
		"where Elasticsearch is, which keeps finished jobs for good and knows how the platform does; without it jobs end with their retention",
		config.HTTPURL())
}

// given tells whether there is an Elasticsearch.
func (e *elastic) given() bool { return e.url != "" }

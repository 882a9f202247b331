package command

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/setup"
	"numbermill/shared/config"
)

// defaultSetupWait is how long Elasticsearch and Kibana may take to start: minutes, on a small machine.
const defaultSetupWait = 5 * time.Minute

// setupOptions are the flags of setup.
type setupOptions struct {
	elastic   elastic
	kibana    config.Secret
	passwords setup.Passwords
	wait      time.Duration
}

func (o *setupOptions) flags(flags *pflag.FlagSet) {
	o.wait = defaultSetupWait
	o.elastic.flags(flags)
	flags.Lookup("elasticsearch").Usage = "where Elasticsearch is, with a superuser if it has security"
	config.AddSecret(flags, &o.kibana, "kibana", "where Kibana is; without it nothing is done there", config.HTTPURL())
	config.Add(flags, &o.wait, "wait", "how long each of the two may take until it answers", config.Duration(time.Second, math.MaxInt64))
	p := &o.passwords
	for name, f := range map[string]struct {
		to   *config.Secret
		user string
	}{
		"kibana-system-password": {&p.KibanaSystem, "kibana_system, as whom Kibana works"},
		"filebeat-password":      {&p.Filebeat, "filebeat_writer, who adds logs"},
		"heartbeat-password":     {&p.Heartbeat, "heartbeat_writer, who adds checks"},
		"apm-password":           {&p.APM, "apm_writer, who adds traces and metrics"},
		"grafana-password":       {&p.Grafana, "grafana_reader, who reads"},
		"numbermill-password":    {&p.Numbermill, "numbermill, as whom the API and the workers keep and read"},
	} {
		config.AddSecret(flags, f.to, name, "password of the user "+f.user+"; without it the user is left alone", config.Password())
	}
}

func newSetup(std Streams) *cobra.Command {
	var o setupOptions
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Put in place what Elasticsearch and Kibana need, and end",
		Long: `Put in place what the platform keeps in Elasticsearch and shows in Kibana, and end: templates, how long data is kept, the index of
finished jobs, roles and users, and with --kibana data views, searches and dashboards. It prints one line a step. Doing it again is safe:
what is right stays, what has changed is brought up to date, and no job is lost.`,
		Example: `  numbermill setup --elasticsearch http://127.0.0.1:9200
  NUMBERMILL_ELASTICSEARCH_FILE=/run/secrets/elasticsearch numbermill setup --kibana http://kibana:5601 --wait 10m`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !o.elastic.given() {
				return failure.Usage(errors.New("--elasticsearch is missing: say where Elasticsearch is"), seeHelp(cmd))
			}
			var unsaid error
			err := setup.Run(cmd.Context(), setup.Config{
				Elasticsearch: o.elastic.url, Kibana: o.kibana, Passwords: o.passwords, Wait: o.wait,
				Say: func(line string) {
					_, err := fmt.Fprintln(std.Out, line)
					unsaid = errors.Join(unsaid, err)
				},
			})
			return interrupted(cmd.Context(), errors.Join(err, unsaid))
		},
	}
	o.flags(cmd.Flags())
	config.Document(cmd.Flags())
	return cmd
}

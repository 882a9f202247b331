// Package setup puts in place what the platform keeps in Elasticsearch and shows in Kibana: templates, how long data is kept, the index of
// finished jobs, roles, users, saved objects. Doing it again changes nothing that is right already, and two may do it at once.
package setup

import (
	"context"
	"strings"
	"time"

	"numbermill/infra"
	"numbermill/shared/config"
)

// Config says where things are and who is to get in.
type Config struct {
	Elasticsearch config.Secret // with the user and password of a superuser, if security is on
	Kibana        config.Secret // "" leaves Kibana alone
	Passwords     Passwords
	Wait          time.Duration     // how long Elasticsearch, and then Kibana, may take until they answer
	Say           func(line string) // is told of each step, once it is done
}

// Passwords are those of the users to be. A user without one is left alone.
type Passwords struct {
	KibanaSystem, Filebeat, Heartbeat, APM, Grafana, Numbermill config.Secret
}

// Run does it all. An error says what was refused, by whom, and what to do; it tells no password.
func Run(ctx context.Context, cfg Config) error {
	safe := scrubber(cfg)
	if err := run(ctx, cfg); err != nil {
		return safe.clean(err)
	}
	return nil
}

func run(ctx context.Context, cfg Config) error {
	e, err := dial(cfg.Elasticsearch)
	if err != nil {
		return err
	}
	defer e.close()
	version, err := e.await(ctx, cfg.Wait)
	if err != nil {
		return err
	}
	cfg.Say("Elasticsearch " + version + " answers")
	s := steps{e: e, files: infra.Elasticsearch(), say: cfg.Say}
	for _, step := range []func(context.Context) error{s.componentTemplates, s.indexTemplates, s.streams, s.jobsIndex} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := s.security(ctx, cfg.Passwords); err != nil {
		return err
	}
	if cfg.Kibana == "" {
		return nil
	}
	k, err := newKibana(cfg.Kibana, cfg.Elasticsearch)
	if err != nil {
		return err
	}
	defer k.close()
	if err := k.await(ctx, cfg.Wait); err != nil {
		return err
	}
	cfg.Say("Kibana answers")
	return k.furnish(ctx, infra.Kibana(), cfg.Say)
}

// scrub replaces secrets in texts that come from elsewhere: what a server says of a request may repeat it.
type scrub []string

func scrubber(cfg Config) scrub {
	var s scrub
	p := cfg.Passwords
	for _, secret := range []config.Secret{p.KibanaSystem, p.Filebeat, p.Heartbeat, p.APM, p.Grafana, p.Numbermill, password(cfg.Elasticsearch), password(cfg.Kibana)} {
		if secret != "" {
			s = append(s, secret.Reveal(), "REDACTED")
		}
	}
	return s
}

// clean returns err with the secrets in its text replaced.
func (s scrub) clean(err error) error {
	text := err.Error()
	if safe := strings.NewReplacer(s...).Replace(text); safe != text {
		return &scrubbed{safe, err}
	}
	return err
}

// scrubbed is an error with another text.
type scrubbed struct {
	text string
	err  error
}

// Error returns the text without secrets.
func (s *scrubbed) Error() string { return s.text }

// Unwrap returns the error itself, for its kind.
func (s *scrubbed) Unwrap() error { return s.err }

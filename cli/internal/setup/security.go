package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"numbermill/cli/internal/failure"
	"numbermill/shared/config"
)

// user is one that gets in with a password.
type user struct {
	name     string
	flag     string // of its password
	password config.Secret
	builtIn  bool // Elasticsearch has it already, with its role
}

func (p Passwords) users() []user {
	return []user{
		{"kibana_system", "--kibana-system-password", p.KibanaSystem, true},
		{"filebeat_writer", "--filebeat-password", p.Filebeat, false},
		{"heartbeat_writer", "--heartbeat-password", p.Heartbeat, false},
		{"apm_writer", "--apm-password", p.APM, false},
		{"grafana_reader", "--grafana-password", p.Grafana, false},
		{"numbermill", "--numbermill-password", p.Numbermill, false},
	}
}

// security puts roles and users in place, if there is any security.
func (s steps) security(ctx context.Context, passwords Passwords) error {
	err := s.e.call(ctx, "ask who we are", nil, func(ctx context.Context) (*esapi.Response, error) {
		return s.e.Security.Authenticate(s.e.Security.Authenticate.WithContext(ctx))
	})
	if r, ok := errors.AsType[*refusalError](err); ok && r.missing() {
		s.say("roles and users are left out: security is off in this Elasticsearch")
		return nil
	}
	if err != nil {
		return err
	}
	err = s.put(ctx, "roles", "role", func(ctx context.Context, f file) (*esapi.Response, error) {
		return s.e.Security.PutRole(f.name, bytes.NewReader(f.content), s.e.Security.PutRole.WithContext(ctx))
	})
	if err != nil {
		return err
	}
	for _, u := range passwords.users() {
		if err := s.user(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// user makes a user, or gives the one that is there its role and password.
func (s steps) user(ctx context.Context, u user) error {
	what := "user " + u.name
	if u.password == "" {
		s.say(what + " is left alone: " + u.flag + " is not given")
		return nil
	}
	wanted := map[string]any{"password": u.password.Reveal()}
	request := func(ctx context.Context, body *bytes.Reader) (*esapi.Response, error) {
		change := s.e.Security.ChangePassword
		return change(body, change.WithUsername(u.name), change.WithContext(ctx))
	}
	if !u.builtIn {
		wanted["roles"] = []string{u.name}
		request = func(ctx context.Context, body *bytes.Reader) (*esapi.Response, error) {
			return s.e.Security.PutUser(u.name, body, s.e.Security.PutUser.WithContext(ctx))
		}
	}
	body, err := json.Marshal(wanted)
	if err != nil {
		return fmt.Errorf("write %s: %w", what, errors.New("its password cannot be written as JSON"))
	}
	err = s.e.call(ctx, "set the password of "+what, nil, func(ctx context.Context) (*esapi.Response, error) {
		return request(ctx, bytes.NewReader(body))
	})
	if r, ok := errors.AsType[*refusalError](err); ok && r.Status == http.StatusBadRequest {
		return failure.WithHint(r, u.flag+" may be too short; Elasticsearch asks for six characters or more")
	}
	if err != nil {
		return err
	}
	s.say(what + " is in place")
	return nil
}

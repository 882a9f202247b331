package telemetry

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"numbermill/shared/config"
)

// signal is what can be exported: "traces" or "metrics". The variables of one begin with OTEL_EXPORTER_OTLP_TRACES_ or …_METRICS_.
type signal string

const (
	traces  signal = "traces"
	metrics signal = "metrics"
)

// The protocols of OTLP that this program speaks.
const (
	overHTTP = "http/protobuf"
	overGRPC = "grpc"
)

// export says whether and how a signal is exported. What the exporters read from the environment by themselves is not in it.
type export struct {
	on       bool
	protocol string
	// unsaid is whether no endpoint is given, so that it is the local one.
	unsaid bool
}

// environment looks a variable up, as os.Getenv does.
type environment func(name string) string

// readExports reads what OpenTelemetry's standard variables say. OpenTelemetry itself passes over what it does not understand; here it is an
// error, each a *config.Error, so that nobody waits for traces that never come. No message repeats a value that may be secret.
func readExports(env environment) (spans, points export, err error) {
	disabled, err := choice(env, "OTEL_SDK_DISABLED", "", "true", "false")
	if err != nil || disabled == "true" {
		return export{}, export{}, err
	}
	all, err := readGeneral(env)
	spans, spansErr := readExport(env, traces, all)
	points, pointsErr := readExport(env, metrics, all)
	return spans, points, errors.Join(err, spansErr, pointsErr, checkSampler(env), checkTuning(env))
}

// general begins the variables of all signals.
const general = "OTEL_EXPORTER_OTLP_"

// readGeneral reads what is said of all signals.
func readGeneral(env environment) (all export, err error) {
	all.protocol, err = choice(env, general+"PROTOCOL", overHTTP, overHTTP, overGRPC)
	all.unsaid = env(general+"ENDPOINT") == ""
	return all, errors.Join(err, checkConnection(env, general))
}

// readExport reads what is said of one signal.
func readExport(env environment, s signal, all export) (e export, err error) {
	own := general + strings.ToUpper(string(s)) + "_"
	exporter, exporterErr := choice(env, "OTEL_"+strings.ToUpper(string(s))+"_EXPORTER", "", "otlp", "none")
	e.protocol, err = choice(env, own+"PROTOCOL", all.protocol, overHTTP, overGRPC)
	e.unsaid = all.unsaid && env(own+"ENDPOINT") == ""
	e.on = exporter == "otlp" || exporter == "" && !e.unsaid
	return e, errors.Join(exporterErr, err, checkConnection(env, own))
}

// checkConnection looks at what the exporters read themselves, of all signals or of one.
func checkConnection(env environment, prefix string) error {
	_, compression := choice(env, prefix+"COMPRESSION", "", "gzip", "none")
	_, insecure := choice(env, prefix+"INSECURE", "", "true", "false")
	return errors.Join(compression, insecure, checkEndpoint(env, prefix+"ENDPOINT"), checkHeaders(env, prefix+"HEADERS"), checkNumber(env, prefix+"TIMEOUT", 0),
		checkFile(env, prefix+"CERTIFICATE"), checkFile(env, prefix+"CLIENT_CERTIFICATE"), checkFile(env, prefix+"CLIENT_KEY"))
}

// checkTuning looks at what bounds and times the export.
func checkTuning(env environment) error {
	_, temporality := choice(env, "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "", "cumulative", "delta", "lowmemory")
	_, histograms := choice(env, "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "",
		"explicit_bucket_histogram", "base2_exponential_bucket_histogram")
	problems := []error{temporality, histograms}
	for _, name := range []string{"OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"} {
		problems = append(problems, checkNumber(env, name, 1))
	}
	return errors.Join(append(problems, checkNumber(env, "OTEL_BSP_SCHEDULE_DELAY", 0), checkResource(env))...)
}

func checkSampler(env environment) error {
	const name, argument = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
	sampler, err := choice(env, name, "",
		"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio")
	if err != nil || !strings.HasSuffix(sampler, "traceidratio") || env(argument) == "" {
		return err
	}
	if share, err := strconv.ParseFloat(env(argument), 64); err != nil || !(share >= 0 && share <= 1) {
		return wrong(argument, "%q does not do; write the share of traces to keep, from 0 to 1", env(argument))
	}
	return nil
}

// choice is the value of a variable that has few, by name without regard to case, or unset if it is empty.
func choice(env environment, name, unset string, values ...string) (string, error) {
	given := strings.ToLower(strings.TrimSpace(env(name)))
	switch {
	case given == "":
		return unset, nil
	case slices.Contains(values, given):
		return given, nil
	}
	return unset, wrong(name, "%q does not do here; write %s", env(name), strings.Join(values, " or "))
}

func checkEndpoint(env environment, name string) error {
	text := strings.TrimSpace(env(name))
	if text == "" {
		return nil
	}
	const want = "write a URL such as http://127.0.0.1:4318"
	u, err := url.Parse(text) // its error could repeat a password
	switch {
	case err != nil:
		return wrong(name, "this is not a URL; %s", want)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return wrong(name, "the collector's address needs http:// or https:// and a host; %s", want)
	}
	return nil
}

// checkHeaders wants NAME=VALUE,… and says nothing of the values: they are secrets, mostly.
func checkHeaders(env environment, name string) error {
	text := strings.TrimSpace(env(name))
	if text == "" {
		return nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		if _, err := url.PathUnescape(value); err != nil || !found || !isToken(strings.TrimSpace(key)) {
			return wrong(name, "these are not headers; write NAME=VALUE,NAME=VALUE with percent signs before what is special, such as Authorization=Bearer%%20abc")
		}
	}
	return nil
}

// isToken tells whether text can be the name of a header.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

func checkNumber(env environment, name string, least int) error {
	text := strings.TrimSpace(env(name))
	if text == "" {
		return nil
	}
	if n, err := strconv.Atoi(text); err != nil || n < least {
		return wrong(name, "%q does not do; write a whole number from %d on, milliseconds where it is a time", text, least)
	}
	return nil
}

func checkFile(env environment, name string) error {
	path := strings.TrimSpace(env(name))
	if path == "" {
		return nil
	}
	if _, err := os.ReadFile(path); err != nil { //nolint:gosec // the operator names it
		return &config.Error{Source: name, Err: fmt.Errorf("the file cannot be read: %w", err)}
	}
	return nil
}

func checkResource(env environment) error {
	const name = "OTEL_RESOURCE_ATTRIBUTES"
	text := strings.TrimSpace(env(name))
	if text == "" {
		return nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		if _, err := url.PathUnescape(value); err != nil || !found || strings.TrimSpace(key) == "" {
			return wrong(name, "%q does not do; write NAME=VALUE,NAME=VALUE, such as deployment.environment.name=test", pair)
		}
	}
	return nil
}

func wrong(name, format string, args ...any) error {
	return &config.Error{Source: name, Err: fmt.Errorf(format, args...)}
}

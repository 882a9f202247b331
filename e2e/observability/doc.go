// Package observability has no code of its own. Its tests let a whole platform run for a minute behind a real nginx, with failures, put
// all that it has told — access log, logs, traces, metrics, jobs, uptime — into a real Elasticsearch under the real templates, and then hold
// what every panel and every rule asks for against what really happened.
package observability

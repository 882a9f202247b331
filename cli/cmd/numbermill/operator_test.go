package main

import (
	"path/filepath"
	"regexp"
	"testing"

	"numbermill/shared/redistest"
)

// TestWorkerOperator: a worker alone can be asked whether it is well and what it has measured, and elsewhere for profiles, from before Redis answers.
func TestWorkerOperator(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	redis.Kill()
	log := filepath.Join(t.TempDir(), "logs", "worker.json")
	p := launch(t, []string{"NUMBERMILL_REDIS=" + redis.URL(), "NUMBERMILL_LOG_FILE=" + log},
		"worker", "--results", t.TempDir(), "--calibrate=false", "--operator-listen", "127.0.0.1:0", "--profile-listen", "127.0.0.1:0")
	address := regexp.MustCompile(`"numbermill\.operator_address":"([^"]+)"`)
	until(t.Context(), t, "the operator's address", func() bool { return address.MatchString(p.err.String()) })
	url := "http://" + address.FindStringSubmatch(p.err.String())[1]
	if got := status(t, url+"/healthz"); got != 503 {
		t.Errorf("without Redis /healthz answers %d, want 503", got)
	}
	profiles := regexp.MustCompile(`"numbermill\.profile_address":"([^"]+)"`).FindStringSubmatch(p.err.String())
	if profiles == nil {
		t.Fatal("it does not say where profiles can be taken")
	}
	for path, want := range map[string]int{"/debug/pprof/heap": 200, "/metrics": 404} {
		if got := status(t, "http://"+profiles[1]+path); got != want {
			t.Errorf("where profiles are taken, %s answers %d, want %d", path, got, want)
		}
	}
	redis.Restart()
	p.ready()
	for path, want := range map[string]int{"/healthz": 200, "/metrics": 200, "/": 404} {
		if got := status(t, url+path); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	p.stop()
}

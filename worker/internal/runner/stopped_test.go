package runner

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"numbermill/shared/job"
	"numbermill/worker/internal/workertest"
)

// How long attempts go on after they were told to stop is read from the log.
func TestTheLogTellsHowLongAnAttemptTookToStop(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	var said safeBuffer
	x.runner.logger = slog.New(slog.NewJSONHandler(&said, nil))
	s := x.Endless()
	handled, cancel := x.handle(s)
	defer cancel()
	if _, err := x.Records.Cancel(t.Context(), job.LocalOwner, s.ID); err != nil {
		t.Fatal(err)
	}
	x.runner.Stop(s.Run.Fingerprint, s.Run.ID)
	workertest.Receive(t, "the end", handled)
	for line := range strings.Lines(said.String()) {
		var got struct {
			Msg    string
			Reason string
			StopMs *float64 `json:"stop_ms"`
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got.Msg != "attempt stopped" {
			continue
		}
		if got.StopMs == nil || *got.StopMs <= 0 || got.Reason != errAbandoned.Error() {
			t.Errorf("got %s, want the milliseconds and the reason", line)
		}
		return
	}
	t.Errorf("nothing tells of the end in\n%s", said.String())
}

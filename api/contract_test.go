package api_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/job"
)

// schema is as much of a JSON Schema as the Go types can be held against.
type schema struct {
	Type       any               `yaml:"type"`
	Enum       []string          `yaml:"enum"`
	Required   []string          `yaml:"required"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
}

func schemas(t *testing.T) map[string]schema {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas map[string]schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(api.YAML(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas
}

// TestTypesHaveTheMembersOfTheirSchemas holds the Go types and the document together: the same members, and the same ones that
// may be left out. What the values look like, the server's tests check on real answers.
func TestTypesHaveTheMembersOfTheirSchemas(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	types := map[string]any{
		"FunctionList": api.FunctionList{}, "Function": api.Function{}, "Parameter": api.Parameter{}, "Method": api.Method{},
		"Example": api.Example{}, "Limits": api.Limits{}, "EstimateRequest": api.EstimateRequest{}, "Estimate": api.Estimate{},
		"EstimatedCost": api.EstimatedCost{}, "JobRequest": api.JobRequest{}, "Job": api.Job{}, "JobList": api.JobList{},
		"Progress": api.Progress{}, "ResultSummary": api.Result{}, "JobError": api.JobError{}, "Readiness": api.Readiness{},
		"Problem": api.Problem{}, "ProblemEstimate": api.ProblemEstimate{},
		"Job.queue": api.JobQueue{}, "Job.cost": api.Cost{}, "Job.links": api.JobLinks{}, "ResultSummary.timing_ms": job.Timing{},
		"ResultSummary.verification": api.Verification{},
		"BatchRequest":               api.BatchRequest{}, "Batch": api.Batch{}, "Batch.counts": job.BatchCounts{}, "Batch.links": api.BatchLinks{},
		"BatchList": api.BatchList{}, "ProgressEvent": api.ProgressEvent{}, "AttemptList": api.AttemptList{}, "Attempt": api.Attempt{},
		"LogList": api.LogList{}, "LogLine": api.LogLine{}, "QueueList": api.QueueList{}, "Queue": api.Queue{}, "WaitTimes": api.WaitTimes{},
		"WorkerList": api.WorkerList{}, "Worker": api.Worker{}, "WorkerJob": api.WorkerJob{}, "ServiceStatus": api.ServiceStatus{},
		"ServiceStatus.requests": api.RequestCounts{}, "Latency": api.Latency{}, "Platform": api.Platform{}, "MonitorUptime": api.MonitorUptime{}, "PlatformAvailability": api.PlatformAvailability{}, "ActiveJobs": api.ActiveJobs{},
		"Facts": function.Facts{}, "Facts.trailing": function.TrailingDigits{}, "Facts.residues": function.KnownResidue{},
	}
	for name, s := range all {
		if _, ok := types[name]; !ok && s.Type == "object" && s.Properties != nil {
			t.Errorf("the schema %s has no Go type here", name)
		}
	}
	for name, value := range types {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outer, inner, nested := strings.Cut(name, ".")
			s := all[outer]
			if nested {
				s = s.Properties[inner]
			}
			if s.Items != nil {
				s = *s.Items
			}
			var members, required []string
			for field := range fields(reflect.TypeOf(value)) {
				tag, options, _ := strings.Cut(field, ",")
				members = append(members, tag)
				if options != "omitempty" {
					required = append(required, tag)
				}
			}
			slices.Sort(members)
			slices.Sort(required)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(s.Properties)), members); diff != "" {
				t.Errorf("members (-document +Go):\n%s", diff)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(s.Required)), required); diff != "" {
				t.Errorf("required members (-document +Go):\n%s", diff)
			}
		})
	}
}

// fields yields the json tags of a struct.
func fields(t reflect.Type) func(func(string) bool) {
	return func(yield func(string) bool) {
		for field := range t.Fields() {
			if !yield(field.Tag.Get("json")) {
				return
			}
		}
	}
}

func TestStatesAreTheDocuments(t *testing.T) {
	t.Parallel()
	var want []string
	for _, s := range job.States() {
		want = append(want, string(s))
	}
	if diff := cmp.Diff(want, schemas(t)["State"].Enum); diff != "" {
		t.Errorf("states (-Go +document):\n%s", diff)
	}
}

package setup_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"numbermill/shared/elastictest"
)

// Documents as they are written in production are found by each of their fields, by its type.
func TestTemplatesTakeWhatIsWritten(t *testing.T) {
	t.Parallel()
	apply(t)
	tests := map[string]struct {
		document string
		queries  []string // each finds it
	}{
		"logs-nginx.access-": {
			`{"@timestamp":"2026-01-02T03:04:05.678Z","message":"GET /v1/jobs 502","ecs":{"version":"8.17.0"},"service":{"name":"nginx"},
			"event":{"dataset":"nginx.access","kind":"event","category":["web"],"outcome":"failure"},"source":{"ip":"10.1.2.3"},"client":{"ip":"2001:db8::1"},
			"http":{"version":"1.1","route":"/v1/jobs/{id}","request":{"method":"GET","id":"r-1","bytes":120,"referrer":"-"},"response":{"status_code":502,"bytes":700,"body":{"bytes":500}}},
			"request":{"kind":"interactive"},"slo":{"failed":1},"url":{"path":"/v1/jobs/x","query":"a=b","domain":"example.org"},
			"user_agent":{"original":"Elastic-Heartbeat/8.19.21 (linux)"},"trace":{"id":"4bf92f3577b34da6a3ce929d0e0e4736"},
			"nginx":{"access":{"request_time":0.125,"upstream_response_time":null,"upstream_response_time_raw":"0.1, 0.02","upstream_connect_time_raw":"-","upstream_status":"502","upstream_addr":"10.0.0.1:8080","cache":"-","tls":"-"}},
			"agent":{"name":"f","type":"filebeat","version":"8.19.21","ephemeral_id":"e","id":"i"},"host":{"name":"h"},"input":{"type":"filestream"},"log":{"offset":12,"file":{"path":"/logs/nginx/access.json"}}}`,
			[]string{
				"source.ip:10.0.0.0\\/8", "client.ip:2001\\:db8\\:\\:\\/32", `http.route:"/v1/jobs/{id}"`, "http.response.status_code:>=500", "http.response.body.bytes:500", "slo.failed:1",
				"nginx.access.request_time:[0.1 TO 0.2]", "user_agent.original:Elastic-Heartbeat*", "request.kind:interactive AND NOT request.kind:probe", "message:jobs", "log.offset:12",
				"NOT _exists_:nginx.access.upstream_response_time", `nginx.access.upstream_response_time_raw:"0.1, 0.02"`, "event.outcome:failure", "trace.id:4bf92f3577b34da6a3ce929d0e0e4736",
			},
		},
		"logs-numbermill.app-": {
			`{"@timestamp":"2026-01-02T03:04:05.678901Z","process":{"pid":12},"service":{"name":"numbermill-worker","version":"1.2.3","node":{"name":"w1"}},"log":{"level":"error"},
			"message":"computation failed","ecs":{"version":"8.17.0"},"trace":{"id":"t"},"span":{"id":"s"},"job":{"id":"j"},"function":"fibonacci","error":{"message":"no space left on device"},
			"http":{"request":{"id":"r","method":"POST"},"route":"/v1/jobs","response":{"status_code":202,"body":{"bytes":10}}},"event":{"duration":1500000},
			"numbermill":{"attempt":2,"queue":"huge","nested":{"deep":[1,{"deeper":true}]}}}`,
			[]string{
				"log.level:error", "message:failed", "error.message:device", `error.message.keyword:"no space left on device"`, "job.id:j", "function:fibonacci", "event.duration:>1000000",
				"numbermill.queue:huge", "numbermill.attempt:2", "process.pid:12", "numbermill.nested.deep.deeper:true", "service.node.name:w1", "http.response.status_code:[200 TO 299]",
			},
		},
		"heartbeat-": {
			`{"@timestamp":"2026-01-02T03:04:05.678Z","monitor":{"id":"site","name":"Site through nginx","type":"http","status":"down","check_group":"c-1","ip":"172.18.0.2",
			"timespan":{"gte":"2026-01-02T03:04:05.678Z","lt":"2026-01-02T03:04:15.678Z"},"duration":{"us":1234},"fleet_managed":false},
			"summary":{"up":0,"down":1,"status":"down","attempt":1,"max_attempts":1,"final_attempt":true,"retry_group":"g"},"state":{"id":"x","status":"down","checks":3,"up":0,"down":3,"started_at":"2026-01-02T03:04:05.678Z","duration_ms":"12","flap_history":[{"a":{"b":1}}],"ends":null},
			"url":{"full":"http://nginx:8080/","domain":"nginx","scheme":"http","port":8080,"path":"/"},"http":{"rtt":{"total":{"us":99}},"response":{"status_code":503,"headers":{"X-A":"b"},"body":{"hash":"h","bytes":3}}},
			"tls":{"server":{"x509":{"not_after":"2027-01-02T03:04:05Z"},"hash":{"sha256":"AB"}},"cipher":"TLS-AES"},"error":{"message":"received status code 503","type":"validate"},
			"observer":{"name":"compose","geo":{"name":"compose"}},"ecs":{"version":"8.0.0"},"agent":{"name":"a","type":"heartbeat"},"event":{"dataset":"http"},"something":{"new":"x","number":3}}`,
			[]string{
				"_exists_:summary.down AND summary.up:0", "monitor.id:site", "monitor.id.text:SITE", "monitor.status:down", "summary.final_attempt:true", "monitor.duration.us:>1000", "tls.server.x509.not_after:[2027-01-01 TO 2027-02-01]",
				"monitor.timespan:[2026-01-02T03:04:06.000Z TO 2026-01-02T03:04:07.000Z]", "url.port:8080", "error.message:received", "something.new:x", "something.number:3", "http.rtt.total.us:99", "state.duration_ms:12", "_exists_:summary",
			},
		},
		"anomalies-numbermill-": {
			`{"@timestamp":"2026-01-02T03:04:00Z","kind":"event","series":"requests","value":10.5,"expected":2,"lower":1,"upper":3,"score":7.25,"status":"open","flagged":true,
			"opened_at":"2026-01-02T03:04:00Z","closed_at":"2026-01-02T03:14:00Z","dedup_key":"d","message":"Requests are far above","tags":["anomaly","requests"]}`,
			[]string{"kind:event AND status:open AND score:>=4", "value:[10 TO 11]", "closed_at:[2026-01-02T03:10:00Z TO *]", "message:above", "tags:requests", "flagged:true", "dedup_key:d"},
		},
		"jobs-numbermill-": {
			`{"@timestamp":"2026-01-02T03:04:05.678Z","job":{"id":"j"},"trace":{"id":"t"},"owner":"local","function":"ackermann","method":"fast","args":{"m":"2","n":"100000000000000000000"},
			"labels":{"run":"a","with.dot":"b"},"priority":"standard","size_class":"small","queue":"small","batch":"b","retry_of":"r","state":"succeeded","cache":"miss","created_at":"2026-01-02T03:04:03Z",
			"started_at":"2026-01-02T03:04:04Z","finished_at":"2026-01-02T03:04:05.678Z","attempt":1,"max_attempts":3,"digits":10000000000,"bytes":10000000001,"sha256":"ab","cost":{"estimated":12,"actual":13},
			"timing_ms":{"queue":1.5,"compute":2.25,"write":0.1,"run":3,"total":4},"error":{"code":"no_space","message":"the disk is full"},"record":{"anything":{"goes":[1,"a",{"b":null}]},"digits":"x"}}`,
			[]string{
				"job.id:j", "args.n:100000000000000000000", "labels.run:a", "labels.with.dot:b", "digits:>=10000000000", "timing_ms.compute:[2 TO 3]", "cost.actual:13", "finished_at:[2026-01-02 TO 2026-01-03]",
				"error.message:disk", "error.code:no_space", "state:succeeded AND function:ackermann AND owner:local", "_exists_:sha256", "NOT record.digits:x",
			},
		},
	}
	for prefix, tt := range tests {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			stream := prefix + elastictest.Name()
			node := elastictest.Start(t)
			node.Bulk(stream, strings.ReplaceAll(tt.document, "\n", " "))
			for _, query := range tt.queries {
				if got := node.Count(stream, query); got != 1 {
					t.Errorf("%s finds %d documents, want 1", query, got)
				}
			}
		})
	}
}

// Lines that are not as they should be are kept all the same, and however many names they bring, the mapping stays as small.
func TestTemplatesBearAnything(t *testing.T) {
	t.Parallel()
	apply(t)
	many := map[string]any{"@timestamp": "2026-01-02T03:04:05Z", "numbermill": map[string]any{}}
	for i := range 3000 {
		many[fmt.Sprintf("field_%d", i)] = map[string]any{"deep": i}
	}
	flat := map[string]any{"@timestamp": "2026-01-02T03:04:05Z"}
	for i := range 3000 {
		flat[fmt.Sprintf("n%d", i)] = strings.Repeat("long ", 100)
	}
	odd := `{"@timestamp":"2026-01-02T03:04:05Z","http":{"response":{"status_code":"none","bytes":"many"}},"source":{"ip":"unix:"},"nginx":{"access":{"request_time":"-"}},
		"event":{"duration":"soon"},"process":{"pid":"x"},"message":17,"error":{"type":"json","message":"Error decoding JSON"},"url":{"path":"/` + strings.Repeat("a", 40_000) + `"}}`
	for _, prefix := range []string{"logs-nginx.access-", "logs-numbermill.app-", "heartbeat-", "anomalies-numbermill-", "jobs-numbermill-"} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			node := elastictest.Start(t)
			stream := prefix + elastictest.Name()
			documents := []any{many, flat}
			if strings.HasPrefix(prefix, "logs-") {
				documents = append(documents, strings.ReplaceAll(odd, "\n", " "))
			}
			node.Bulk(stream, documents...)
			if got := node.Count(stream, ""); got != len(documents) {
				t.Errorf("%d documents are there, want %d", got, len(documents))
			}
			var mappings map[string]struct{ Mappings json.RawMessage }
			if err := json.Unmarshal(node.Call(http.MethodGet, "/"+stream+"/_mapping", nil), &mappings); err != nil {
				t.Fatal(err)
			}
			const most = 120_000 // bytes: a thousand fields
			for _, m := range mappings {
				if len(m.Mappings) > most {
					t.Errorf("the mapping has grown to %d bytes, want at most %d", len(m.Mappings), most)
				}
			}
		})
	}
}

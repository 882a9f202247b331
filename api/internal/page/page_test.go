package page_test

import (
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/api/internal/page"
)

func reference(t *testing.T, source string) string {
	t.Helper()
	b, err := page.Reference([]byte(source), false)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReferenceOfTheAPI(t *testing.T) {
	t.Parallel()
	text := reference(t, string(api.YAML()))
	for _, want := range []string{
		`<article id="createJob">`, `href="#schema-Job"`, `<article id="schema-Job">`, "curl http://127.0.0.1:8080/v1/jobs \\", "<code>queue.name</code>",
		"Idempotency-Key", "<code>succeeded</code>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	// Whatever is referred to is there.
	for part := range strings.SplitSeq(text, `href="#`) {
		if target, _, ok := strings.Cut(part, `"`); ok && !strings.HasPrefix(part, "<!doctype") && !strings.Contains(text, `id="`+target+`"`) {
			t.Errorf("there is no %s", target)
		}
	}
}

const small = `
openapi: 3.1.0
info: {title: T<b>, version: "1", summary: S, description: "One ` + "`code`" + `.\n\n1. first\n   goes on\n2. second\n\n- a\n- b <i>"}
tags: [{name: things}]
paths:
  /things/{id}:
    parameters: [{$ref: "#/components/parameters/ID"}]
    put:
      operationId: putThing
      tags: [things]
      summary: Put it
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Thing"}
      responses:
        "200":
          description: Done.
          headers: {X-A: {description: About.}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}
        default: {$ref: "#/components/responses/No"}
components:
  parameters:
    ID: {name: id, in: path, required: true, schema: {type: string}, example: t1}
  responses:
    No: {description: No., content: {application/problem+json: {schema: {type: object}}}}
  schemas:
    Thing:
      type: object
      required: [size, when, inner]
      properties:
        size: {type: integer, minimum: 1, maximum: 9}
        when: {type: [string, "null"], format: date-time}
        colour: {type: string, enum: [red, green]}
        inner:
          type: object
          required: [deep]
          properties: {deep: {oneOf: [{type: string, examples: [down]}, {type: "null"}]}}
        more: {type: array, items: {type: object, properties: {flag: {type: boolean}}}}
`

func TestReferenceOfASmallDocument(t *testing.T) {
	t.Parallel()
	text := reference(t, small)
	for _, want := range []string{
		"T&lt;b&gt; API", "<p>One <code>code</code>.</p>", "<ol><li>first goes on</li><li>second</li></ol>", "<ul><li>a</li><li>b &lt;i&gt;</li></ul>",
		`<b class="PUT">PUT</b> <code>/things/{id}</code>`, "curl http://127.0.0.1:8080/things/t1", "list of <a href=\"#schema-Thing\">Thing</a>",
		"at least 1; at most 9", "<code>red</code> · <code>green</code>", "<code>inner.deep</code>", "<code>more[].flag</code>", "string or null",
		"&#34;deep&#34;: &#34;down&#34;", "1 header", "others",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if _, err := page.Reference([]byte("a: ["), false); err == nil {
		t.Error("a broken document makes a page")
	}
}

package function

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// everyMethod yields every function of the catalogue with the name of each of its methods.
func everyMethod(yield func(f *Function, method string) bool) {
	for _, f := range All() {
		for _, m := range f.Methods {
			if !yield(f, m.Name) {
				return
			}
		}
	}
}

// exampleArgs reads the arguments of an example.
func exampleArgs(t *testing.T, f *Function, e Example) Args {
	t.Helper()
	a, err := f.ParseText(e.Args)
	if err != nil {
		t.Fatalf("example %v: %v", e.Args, err)
	}
	return a
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(f.Name) {
				t.Errorf("the name %q does not suit a URL", f.Name)
			}
			if f.Methods[0].Name != DefaultMethod {
				t.Errorf("the first method is %q, want %q", f.Methods[0].Name, DefaultMethod)
			}
			if f.Sequence != "" && !regexp.MustCompile(`^A\d{6}$`).MatchString(f.Sequence) {
				t.Errorf("%q is no number of the OEIS", f.Sequence)
			}
			texts := []string{f.Title, f.Summary, f.Definition, f.CostFormula}
			for _, p := range f.Parameters {
				texts = append(texts, p.Title, p.Description)
				if !strings.Contains(f.Notation, "{"+p.Name+"}") {
					t.Errorf("the notation %q lacks %s", f.Notation, p.Name)
				}
				if len(p.Examples) == 0 {
					t.Errorf("parameter %s has no examples", p.Name)
				}
			}
			for _, m := range f.Methods {
				texts = append(texts, m.Title, m.Description)
			}
			if slices.Contains(texts, "") {
				t.Errorf("a title, description or formula is missing among %q", texts)
			}
		})
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			compiler := jsonschema.NewCompiler()
			text, err := json.Marshal(f.Schema())
			if err != nil {
				t.Fatal(err)
			}
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			if err := compiler.AddResource("args.json", document); err != nil {
				t.Fatal(err)
			}
			schema, err := compiler.Compile("args.json")
			if err != nil {
				t.Fatalf("not a JSON Schema: %v", err)
			}
			good := map[string]any{}
			for _, p := range f.Parameters {
				good[p.Name] = p.Examples[0]
				for _, example := range p.Examples {
					if _, err := parseNumber(example); err != nil {
						t.Errorf("the example %q of %s: %v", example, p.Name, err)
					}
				}
			}
			if err := schema.Validate(good); err != nil {
				t.Errorf("%v: %v", good, err)
			}
			last := f.Parameters[len(f.Parameters)-1].Name
			for _, value := range []any{json.Number("1e6"), json.Number("2.0"), "1_000 000", " 7\n"} {
				if err := schema.Validate(with(good, last, value)); err != nil {
					t.Errorf("%v: %v", value, err)
				}
			}
			for _, value := range []any{json.Number("1.5"), json.Number("-1"), "", "1,000", "1e6.5", true, nil} {
				if schema.Validate(with(good, last, value)) == nil {
					t.Errorf("the schema lets %v through", value)
				}
			}
			if schema.Validate(with(good, "unheard-of", "1")) == nil || schema.Validate(map[string]any{}) == nil {
				t.Error("the schema lets an unknown or a missing argument through")
			}
		})
	}
}

func with(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	m[key] = value
	return m
}

func TestFingerprintsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, f := range All() {
		for _, m := range f.Methods {
			for n := range 50 {
				given := map[string]string{}
				for i, p := range f.Parameters {
					given[p.Name] = strconv.Itoa(n * (i + 1) % 47)
				}
				a, err := f.ParseText(given)
				if err != nil {
					t.Fatal(err)
				}
				what := f.Name + " " + m.Name + " " + a.String()
				fingerprint := f.Fingerprint(a, m.Name)
				if other, taken := seen[fingerprint]; taken && other != what {
					t.Errorf("%s and %s have the same fingerprint", what, other)
				}
				if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(fingerprint) {
					t.Errorf("the fingerprint of %s is %q", what, fingerprint)
				}
				seen[fingerprint] = what
			}
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for _, f := range All() {
		got = append(got, f.Name)
	}
	want := []string{"fibonacci", "fibonacci-sum", "factorial", "ackermann"}
	if !slices.Equal(got[:len(want)], want) {
		t.Errorf("the catalogue begins %q, want %q", got, want)
	}
}

func TestRegisterRefusesDuplicates(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a second fibonacci was registered")
		}
	}()
	register(&Function{Name: "fibonacci"})
}

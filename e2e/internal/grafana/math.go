package grafana

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// evaluate computes an expression of Grafana's: numbers, $A or ${A}, and operators with the precedence that they have in Go.
func evaluate(text string, results map[string][]Frame) ([]Frame, error) {
	tokens, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", text, err)
	}
	p := &parser{tokens: tokens, results: results}
	frames, err := p.expression(1)
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("%q is left over", p.tokens[0].text)
	}
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", text, err)
	}
	return frames, nil
}

type piece struct {
	kind token.Token
	text string
}

var variable = regexp.MustCompile(`\$\{?(\w+)\}?`)

// read uses Go's own scanner, which knows all but the dollar.
func read(text string) ([]piece, error) {
	source := []byte(variable.ReplaceAllString(text, "var_$1"))
	var lexer scanner.Scanner
	var problems scanner.ErrorList
	file := token.NewFileSet().AddFile("", -1, len(source))
	lexer.Init(file, source, problems.Add, 0)
	var pieces []piece
	for {
		_, kind, literal := lexer.Scan()
		if kind == token.EOF {
			return pieces, problems.Err()
		}
		if kind == token.SEMICOLON {
			continue
		}
		if literal == "" {
			literal = kind.String()
		}
		pieces = append(pieces, piece{kind, literal})
	}
}

type parser struct {
	tokens  []piece
	results map[string][]Frame
}

// expression reads operators that bind at least so tightly.
func (p *parser) expression(binding int) ([]Frame, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	for len(p.tokens) > 0 {
		operator := p.tokens[0]
		precedence := operator.kind.Precedence()
		if precedence < binding {
			break
		}
		p.tokens = p.tokens[1:]
		right, err := p.expression(precedence + 1)
		if err != nil {
			return nil, err
		}
		left = binary(operator.text, left, right)
	}
	return left, nil
}

func (p *parser) operand() ([]Frame, error) {
	if len(p.tokens) == 0 {
		return nil, errors.New("it ends too early")
	}
	first := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch first.kind {
	case token.INT, token.FLOAT:
		n, err := strconv.ParseFloat(first.text, 64)
		if err != nil {
			return nil, fmt.Errorf("read a number: %w", err)
		}
		return []Frame{newNumber(nil, n)}, nil
	case token.IDENT:
		name, ok := strings.CutPrefix(first.text, "var_")
		frames, known := p.results[name]
		if !ok || !known {
			return nil, fmt.Errorf("%q is no other query", name)
		}
		return frames, nil
	case token.LPAREN:
		inner, err := p.expression(1)
		if err != nil {
			return nil, err
		}
		if len(p.tokens) == 0 || p.tokens[0].kind != token.RPAREN {
			return nil, errors.New("a bracket is not closed")
		}
		p.tokens = p.tokens[1:]
		return inner, nil
	default:
		return nil, fmt.Errorf("%q is not known here", first.text)
	}
}

package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// secondsText writes a time with three digits, in a unit that suits it.
func secondsText(s float64) string {
	switch {
	case math.IsNaN(s):
		return "–"
	case s < 0.9995e-3:
		return fmt.Sprintf("%.0f µs", s*1e6)
	case s < 0.9995:
		return threeDigits(s*1000) + " ms"
	}
	return threeDigits(s) + " s"
}

// bytesText writes an amount of memory in megabytes of 10^6 bytes.
func bytesText[T int64 | float64](n T) string {
	return group(strconv.FormatFloat(math.Ceil(float64(n)/1e6), 'f', 0, 64)) + " MB"
}

// ratioText writes a ratio with two digits at least.
func ratioText(x float64) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case x < 0.0995:
		return fmt.Sprintf("%.3f", x)
	case x < 9.95:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// threeDigits writes a number from 1 on with three digits, or more before the point.
func threeDigits(x float64) string {
	switch {
	case x < 9.995:
		return fmt.Sprintf("%.2f", x)
	case x < 99.95:
		return fmt.Sprintf("%.1f", x)
	}
	return group(fmt.Sprintf("%.0f", x))
}

// spreadText writes a figure with its lowest and highest run, if there were several.
func spreadText(f figure, text func(float64) string) string {
	switch f.runs {
	case 0:
		return "–"
	case 1:
		return text(f.median)
	}
	return fmt.Sprintf("%s (%s…%s)", text(f.median), text(f.low), text(f.high))
}

// digitsText writes a number of digits.
func digitsText(n int64) string { return group(strconv.FormatInt(n, 10)) }

// group puts commas between the thousands of a whole number.
func group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

package main

import (
	"math"
	"testing"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{secondsText(0), "0 µs"},
		{secondsText(0.0000421), "42 µs"},
		{secondsText(0.0009996), "1.00 ms"},
		{secondsText(0.004567), "4.57 ms"},
		{secondsText(0.04567), "45.7 ms"},
		{secondsText(0.9994), "999 ms"},
		{secondsText(0.9996), "1.00 s"},
		{secondsText(22.62), "22.6 s"},
		{secondsText(1234.5), "1,234 s"},
		{secondsText(math.NaN()), "–"},
		{bytesText(int64(312_932_000)), "313 MB"},
		{bytesText(5.4e9), "5,400 MB"},
		{ratioText(0.0567), "0.057"},
		{ratioText(0.0996), "0.10"},
		{ratioText(4.234), "4.23"},
		{ratioText(71.4), "71"},
		{ratioText(math.NaN()), "–"},
		{spreadText(figure{0.5, 0.25, 1, 3}, ratioText), "0.50 (0.25…1.00)"},
		{spreadText(figure{0.5, 0.5, 0.5, 1}, ratioText), "0.50"},
		{spreadText(figure{}, ratioText), "–"},
		{group("1"), "1"},
		{group("208987640"), "208,987,640"},
		{fibonacci(1_000_000).String(), "F(10^6)"},
		{fibonacci(300_000_000).String(), "F(3·10^8)"},
		{sum(10_000_000).String(), "S(10^7)"},
		{factorial(10_000_000).String(), "10^7!"},
		{ackermann(100_000).String(), "A(3,10^5)"},
		{ackermann(65_536).String(), "A(3,65536)"},
		{factorial(100).String(), "100!"},
		{factorial(12_000_000).String(), "12000000!"},
		{secondsTick(-4), "100 µs"},
		{secondsTick(-2), "10 ms"},
		{secondsTick(1), "10 s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

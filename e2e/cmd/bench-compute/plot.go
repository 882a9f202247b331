package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The size of the plot, and of the area inside its axes.
const (
	plotWidth, plotHeight   = 800.0, 480.0
	left, right, top, floor = 80.0, 600.0, 60.0, 420.0
	labelHeight             = 17.0
)

// curve is a line in the plot.
type curve struct {
	class, label string
	points       []point
}

// axes map the logarithms of n and seconds to the area.
type axes struct{ fromN, toN, fromS, toS float64 }

func (a axes) x(n float64) float64 {
	return left + (math.Log10(n)-a.fromN)/(a.toN-a.fromN)*(right-left)
}

func (a axes) y(s float64) float64 {
	return floor - (math.Log10(s)-a.fromS)/(a.toS-a.fromS)*(floor-top)
}

// style suits a light page and a dark one. Lines differ by their marks and labels too, not by colour alone.
const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; stroke: none }
.paper { fill: #ffffff } .grid { stroke: #d1d9e0 } .frame { stroke: #59636e; fill: none }
path { fill: none; stroke-width: 2 } .bound { stroke: #59636e; stroke-dasharray: 6 5 }
.a { stroke: #0550ae } .b { stroke: #116329 } .c { stroke: #a40e26 } .d { stroke: #6639ba } .e { stroke: #953800 } .f { stroke: #57606a }
circle.a { fill: #0550ae } circle.b { fill: #116329 } circle { fill: #ffffff; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .paper { fill: #0d1117 } .grid { stroke: #3d444d } .frame { stroke: #9198a1 } .bound { stroke: #9198a1 }
.a { stroke: #79c0ff } .b { stroke: #7ee787 } .c { stroke: #ffa198 } .d { stroke: #d2a8ff } .e { stroke: #ffa657 } .f { stroke: #b1bac4 }
circle { fill: #0d1117 } circle.a { fill: #79c0ff } circle.b { fill: #7ee787 }
}
</style>
`

// plot returns the time of F(n) against n as an SVG, both axes logarithmic.
func (r report) plot() string {
	curves := r.curves()
	a := around(curves)
	var b strings.Builder
	add := func(format string, values ...any) { _, _ = fmt.Fprintf(&b, format+"\n", values...) } // a Builder never fails
	add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-labelledby="title desc">`,
		plotWidth, plotHeight, plotWidth, plotHeight)
	add("<title id=\"title\">Seconds to the decimal digits of F(n)</title>\n<desc id=\"desc\">%s</desc>", described(curves))
	b.WriteString(style)
	add(`<rect class="paper" width="%g" height="%g" rx="6"/>`, plotWidth, plotHeight)
	add(`<text x="%g" y="28" style="font-size:16px">Seconds to the decimal digits of F(n)</text>`, left)
	add(`<text x="%g" y="46">CPU on one thread; with two threads elapsed</text>`, left)
	for _, part := range []string{grid(a), bound(a, curves), lines(a, curves), labels(a, curves)} {
		b.WriteString(part)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// curves are the engines that computed F(n) for several n.
func (r report) curves() []curve {
	all := []struct {
		id, class, label string
		measure          measure
	}{
		{ours, "a", "Numbermill, 1 thread", cpuTime},
		{ours2, "b", "Numbermill, 2 threads", wallTime},
		{gmpy2, "c", "GMP", cpuTime},
		{pari, "d", "PARI/GP", cpuTime},
		{mathBig, "e", "math/big", cpuTime},
		{python, "f", "Python", cpuTime},
	}
	var curves []curve
	for _, one := range all {
		if ps := points(r.results, one.id, one.measure); len(ps) > 0 {
			curves = append(curves, curve{one.class, one.label, ps})
		}
	}
	return curves
}

// around returns axes that hold all points, from one power of ten to another.
func around(curves []curve) axes {
	a := axes{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
	for _, c := range curves {
		for _, p := range c.points {
			a.fromN, a.toN = min(a.fromN, math.Floor(math.Log10(p.n))), max(a.toN, math.Ceil(math.Log10(p.n)))
			a.fromS, a.toS = min(a.fromS, math.Floor(math.Log10(p.seconds))), max(a.toS, math.Ceil(math.Log10(p.seconds)))
		}
	}
	return a
}

// described lists all points, for who does not see them.
func described(curves []curve) string {
	var parts []string
	for _, c := range curves {
		var ps []string
		for _, p := range c.points {
			ps = append(ps, fmt.Sprintf("%s in %s", fibonacci(int64(p.n)), secondsText(p.seconds)))
		}
		parts = append(parts, c.label+": "+strings.Join(ps, ", "))
	}
	return strings.Join(parts, ". ") + "."
}

func grid(a axes) string {
	var b strings.Builder
	for e := a.fromN; e <= a.toN; e++ {
		x := a.x(math.Pow(10, e))
		_, _ = fmt.Fprintf(&b, `<path class="grid" d="M%.1f %g V%g" style="stroke-width:1"/><text x="%.1f" y="%g" text-anchor="middle">%s</text>`+"\n",
			x, top, floor, x, floor+20, power(e))
	}
	for e := a.fromS; e <= a.toS; e++ {
		y := a.y(math.Pow(10, e))
		_, _ = fmt.Fprintf(&b, `<path class="grid" d="M%g %.1f H%g" style="stroke-width:1"/><text x="%g" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, y, right, left-8, y+4, secondsTick(e))
	}
	_, _ = fmt.Fprintf(&b, `<rect class="frame" x="%g" y="%g" width="%g" height="%g"/>`+"\n", left, top, right-left, floor-top)
	_, _ = fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle">n</text>`+"\n", (left+right)/2, floor+42)
	return b.String()
}

// power writes 10^e with e raised.
func power(e float64) string {
	return fmt.Sprintf(`10<tspan dy="-5" style="font-size:10px">%.0f</tspan>`, e)
}

// secondsTick writes 10^e seconds.
func secondsTick(e float64) string {
	switch {
	case e < -3:
		return fmt.Sprintf("%.0f µs", math.Pow(10, e+6))
	case e < 0:
		return fmt.Sprintf("%.0f ms", math.Pow(10, e+3))
	}
	return fmt.Sprintf("%.0f s", math.Pow(10, e))
}

// steepest is how the time may grow with n at most.
const steepest = 1.15

// bound is the line n^1.15 from our first point, which our curve should not cross.
func bound(a axes, curves []curve) string {
	if len(curves) == 0 || len(curves[0].points) < 2 {
		return ""
	}
	ps := curves[0].points
	from, to := ps[0], ps[len(ps)-1]
	end := from.seconds * math.Pow(to.n/from.n, steepest)
	if highest := math.Pow(10, a.toS); end > highest {
		end = highest
		to.n = from.n * math.Pow(end/from.seconds, 1/steepest)
	}
	return fmt.Sprintf(`<path class="bound" d="M%.1f %.1f L%.1f %.1f"/>`+"\n", a.x(from.n), a.y(from.seconds), a.x(to.n), a.y(end))
}

func lines(a axes, curves []curve) string {
	var b strings.Builder
	for _, c := range curves {
		var path []string
		for _, p := range c.points {
			path = append(path, fmt.Sprintf("%.1f %.1f", a.x(p.n), a.y(p.seconds)))
		}
		_, _ = fmt.Fprintf(&b, `<path class="%s" d="M%s"/>`+"\n", c.class, strings.Join(path, " L"))
		for _, p := range c.points {
			_, _ = fmt.Fprintf(&b, `<circle class="%s" cx="%.1f" cy="%.1f" r="4"/>`+"\n", c.class, a.x(p.n), a.y(p.seconds))
		}
	}
	return b.String()
}

// label is a name to the right of where a line ends.
type label struct {
	x, y float64
	text string
}

func labels(a axes, curves []curve) string {
	var all []label
	for _, c := range curves {
		last := c.points[len(c.points)-1]
		all = append(all, label{a.x(last.n) + 10, a.y(last.seconds) + 4, c.label})
	}
	if len(curves) > 0 && len(curves[0].points) > 1 {
		ps := curves[0].points
		first, last := ps[0], ps[len(ps)-1]
		y := max(a.y(first.seconds*math.Pow(last.n/first.n, steepest)), top)
		all = append(all, label{a.x(last.n) + 10, y + 4, "at most n^1.15"})
	}
	var b strings.Builder
	for _, l := range apart(all) {
		_, _ = fmt.Fprintf(&b, `<text x="%.1f" y="%.1f">%s</text>`+"\n", l.x, l.y, l.text)
	}
	return b.String()
}

// apart moves labels that begin at the same x down until none covers another.
func apart(all []label) []label {
	slices.SortStableFunc(all, func(a, b label) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	for i := 1; i < len(all); i++ {
		if all[i].x == all[i-1].x {
			all[i].y = max(all[i].y, all[i-1].y+labelHeight)
		}
	}
	return all
}

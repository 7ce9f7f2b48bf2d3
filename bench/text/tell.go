package main

import (
	"fmt"
	"slices"

	"daiban/bench/internal/interval"
)

// tell prints the figures of a kind.
func tell(k kind, all []result) {
	fmt.Printf("%s\n", k.name)
	groups := []string{"all"}
	for _, lang := range []string{"zh", "en"} {
		if slices.ContainsFunc(all, func(r result) bool { return r.lang == lang }) {
			groups = append(groups, lang)
		}
	}
	for _, g := range groups {
		some := slices.DeleteFunc(slices.Clone(all), func(r result) bool { return g != "all" && r.lang != g })
		right := 0
		var names []string
		sums := map[string]*count{}
		for _, r := range some {
			right += btoi(r.right)
			for _, c := range r.counts {
				if sums[c.what] == nil {
					sums[c.what] = &count{}
					names = append(names, c.what)
				}
				sums[c.what].n += c.n
				sums[c.what].of += c.of
			}
		}
		fmt.Printf("  %-4s cases right %s", g, share(right, len(some)))
		fmt.Printf(", seconds a case %.2f (95th percentile %.2f)\n", percentile(some, 0.5), percentile(some, 0.95))
		for _, n := range names {
			fmt.Printf("       %-28s %s\n", n, share(sums[n].n, sums[n].of))
		}
	}
}

func share(n, of int) string {
	lo, hi := interval.Wilson(n, of)
	return fmt.Sprintf("%d of %d: %.1f %% [%.1f, %.1f]", n, of, 100*float64(n)/float64(of), 100*lo, 100*hi)
}

// percentile is the seconds that a share of the cases took at most.
func percentile(all []result, p float64) float64 {
	var s []float64
	for _, r := range all {
		s = append(s, r.seconds)
	}
	slices.Sort(s)
	return s[min(int(p*float64(len(s))), len(s)-1)]
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"daiban/actions"
	"daiban/data"
	"daiban/plan"
	"daiban/plan/model"
	"daiban/plan/score"
)

// example is one pair for fitting: what the planner knew, and whether it was right.
type example struct {
	features model.Features
	right    bool
}

// fit measures the planner on held-out pairs, fits its trust and prints it.
func (b *bench) fit(ctx context.Context, pairs []data.Pair) error {
	p, err := b.local()
	if err != nil {
		return err
	}
	p.Trust = nil
	scorer := score.New(actions.All())
	var first, all []example
	for i, pair := range pairs {
		r, err := p.Read(ctx, plan.Request{Text: pair.Request})
		if err != nil {
			return fmt.Errorf("%s: %w", pair.Request, err)
		}
		right := append([]string{pair.Flow}, pair.Also...)
		first = append(first, example{r.First, scorer.SameAny(r.Readings[0].Flow, right...)})
		all = append(all, example{r.All, scorer.SameAny(r.Best().Flow, right...)})
		if (i+1)%50 == 0 {
			fmt.Fprintf(os.Stderr, "%d of %d\n", i+1, len(pairs))
		}
	}
	t := model.Trust{Version: 1, Pairs: len(pairs)}
	t.First = regress(first, []string{"sum", "worst", "doubt", "length", "holes", "cannot", "faults", "unused"})
	t.All = regress(all, []string{"sum", "worst", "doubt", "length", "holes", "cannot", "faults", "unused", "gap", "agree", "switched"})
	t.High, t.Low = thresholds(t, first, all, b.aim)
	out, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	fmt.Println(string(out))
	tellFit(os.Stderr, t, first, all)
	return nil
}

// regress fits a logistic regression by gradient descent on features of mean 0 and deviation 1, with a penalty on
// the square of the weights; the weights that it gives are those of the features as they are.
func regress(cases []example, names []string) model.Judge {
	const rounds, rate, penalty = 4000, 0.5, 1.0
	n := float64(len(cases))
	mean, dev := make([]float64, len(names)), make([]float64, len(names))
	for k, name := range names {
		for _, c := range cases {
			mean[k] += c.features[name] / n
		}
		for _, c := range cases {
			dev[k] += math.Pow(c.features[name]-mean[k], 2) / n
		}
		dev[k] = math.Sqrt(dev[k])
	}
	x := make([][]float64, len(cases))
	for i, c := range cases {
		for k, name := range names {
			v := 0.0
			if dev[k] > 1e-9 {
				v = (c.features[name] - mean[k]) / dev[k]
			}
			x[i] = append(x[i], v)
		}
	}
	w, bias := make([]float64, len(names)), 0.0
	for range rounds {
		g, gb := make([]float64, len(names)), 0.0
		for i, c := range cases {
			z := bias
			for k := range w {
				z += w[k] * x[i][k]
			}
			e := 1 / (1 + math.Exp(-z))
			if c.right {
				e--
			}
			gb += e / n
			for k := range w {
				g[k] += e * x[i][k] / n
			}
		}
		bias -= rate * gb
		for k := range w {
			w[k] -= rate * (g[k] + penalty*w[k]/n)
		}
	}
	j := model.Judge{Bias: bias, Weights: map[string]float64{}}
	for k, name := range names {
		if dev[k] > 1e-9 {
			j.Weights[name] = round(w[k] / dev[k])
			j.Bias -= j.Weights[name] * mean[k]
		}
	}
	j.Bias = round(j.Bias)
	return j
}

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// lowAim is the share of right flows below which a planner says that it has not understood.
const lowAim = 0.15

// thresholds is from which confidence on the share of right flows is at least aim, and below which it is less than
// lowAim. A planner that is sure at once writes no other readings: its confidence is then that of the first.
func thresholds(t model.Trust, first, all []example, aim float64) (high, low float64) {
	confidence := func(high float64) []example {
		out := make([]example, len(all))
		for i := range all {
			p := t.First.Probability(first[i].features)
			right := first[i].right
			if p < high || first[i].features["faults"] > 0 {
				p, right = t.All.Probability(all[i].features), all[i].right
			}
			out[i] = example{model.Features{"p": p}, right}
		}
		return out
	}
	high = 0.99
	for at := 50; at < 100; at++ {
		h := float64(at) / 100
		n, k := 0.0, 0.0
		for _, c := range confidence(h) {
			if c.features["p"] >= h {
				n++
				if c.right {
					k++
				}
			}
		}
		if n > 0 && k/n >= aim {
			high = h
			break
		}
	}
	list := confidence(high)
	slices.SortFunc(list, func(a, b example) int { return int(math.Copysign(1, a.features["p"]-b.features["p"])) })
	right := 0.0
	for i, c := range list {
		if c.right {
			right++
		}
		if p := c.features["p"]; p < high && right/float64(i+1) < lowAim && i >= 9 {
			low = round(p)
		}
	}
	return high, min(low, high)
}

// tellFit says what the fit is worth on the pairs that it was made on.
func tellFit(w *os.File, t model.Trust, first, all []example) {
	for _, x := range []struct {
		name  string
		judge model.Judge
		of    []example
	}{{"first", t.First, first}, {"all", t.All, all}} {
		right, loss := 0, 0.0
		for _, c := range x.of {
			p := x.judge.Probability(c.features)
			if c.right {
				right++
			} else {
				p = 1 - p
			}
			loss -= math.Log(max(p, 1e-9)) / float64(len(x.of))
		}
		fmt.Fprintf(w, "%s: %d of %d right, log loss %.3f, weights of", x.name, right, len(x.of), loss)
		for _, k := range slices.Sorted(maps.Keys(x.judge.Weights)) {
			fmt.Fprintf(w, " %s %.2f", k, x.judge.Weights[k])
		}
		fmt.Fprintln(w)
	}
}

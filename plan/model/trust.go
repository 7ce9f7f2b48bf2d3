package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"daiban/flow"
	"daiban/plan/origin"
)

// Features is what is known of readings, by name: what a Judge weighs.
//
//	sum      log probability of the best, without its own names for variables
//	worst    that of its least likely token
//	doubt    how near the likeliest other token came where it came nearest, in nats (0: as likely)
//	length   logarithm of its number of tokens
//	holes    how many values it asks for
//	cannot   1 where it says that nothing can be done
//	faults   1 where the checker refuses it
//	unused   how many files, addresses, numbers and quotations of the request it does not use
//	gap      log probability before that of the next best reading, at most 10
//	agree    share of the other readings that mean the same
//	switched 1 where the best is not the one that was written first
type Features map[string]float64

// features is those of the best reading so far.
func (w *writer) features(all *Readings) Features {
	best := all.Best()
	f := Features{"sum": -30, "worst": -15, "doubt": 0, "length": math.Log(float64(len(best.tokens) + 1)), "gap": 10}
	w.weigh(best, f)
	if len(best.Faults) > 0 {
		f["faults"] = 1
	}
	if strings.HasPrefix(best.Flow, "cannot(") {
		f["cannot"] = 1
	}
	if parsed, err := flow.Parse(best.Flow); err == nil {
		f["unused"] = float64(min(len(origin.Unused(w.request, origin.Find(w.request, parsed, nil))), 5))
		f["holes"] = float64(min(holes(parsed), 3))
	}
	if other := all.Second(); other != nil {
		f["gap"] = max(min(best.LogProb-other.LogProb, 10), -10)
	}
	same := 0
	for i, r := range all.Readings {
		if i != all.best && w.same(r.Flow, best.Flow) {
			same++
		}
	}
	if n := len(all.Readings) - 1; n > 0 {
		f["agree"] = float64(same) / float64(n)
	}
	if all.best > 0 {
		f["switched"] = 1
	}
	return f
}

// weigh adds what the model's probabilities say, without the places where it only names a variable.
func (w *writer) weigh(r *Reading, f Features) {
	if len(r.places) == 0 {
		if r.Flow != "" {
			f["sum"] = max(r.LogProb, -30)
		}
		return
	}
	sum, worst, doubt := 0.0, 0.0, -15.0
	text := ""
	for i, p := range r.places {
		other := -1
		if p.Second != nil {
			other = p.Second.Token
		}
		if other < 0 || !w.names(text, r.Flow, other) {
			sum, worst = sum+p.LogProb, min(worst, p.LogProb)
			if p.Second != nil {
				doubt = max(doubt, min(p.Second.LogProb-p.LogProb, 0))
			}
		}
		if i < len(r.tokens) {
			text += string(w.p.Tokens.Bytes(r.tokens[i]))
		}
	}
	f["sum"], f["worst"], f["doubt"] = max(sum, -30), max(worst, -15), doubt
}

func holes(f *flow.Flow) int {
	n := 0
	f.Walk(func(s *flow.Step) bool {
		for _, e := range s.Exprs() {
			flow.WalkExpr(e, func(e flow.Expr) {
				if _, ok := e.(*flow.Missing); ok {
					n++
				}
			})
		}
		return true
	})
	return n
}

// A Judge is a logistic regression: the probability that a flow is exactly right is 1/(1+exp(-x)), x being
// Bias and the sum of Weights times features.
type Judge struct {
	Bias    float64            `json:"bias"`
	Weights map[string]float64 `json:"weights"`
}

// Probability is that of a flow with these features.
func (j Judge) Probability(f Features) float64 {
	x := j.Bias
	for _, name := range slices.Sorted(maps.Keys(j.Weights)) {
		x += j.Weights[name] * f[name]
	}
	return 1 / (1 + math.Exp(-x))
}

// Trust is when a planner believes itself. It is data, fitted on held-out pairs (bench/planner -calibrate) and kept
// beside the adapter that it was fitted for.
type Trust struct {
	Version int     `json:"version"`
	First   Judge   `json:"first"` // of the first reading alone
	All     Judge   `json:"all"`   // of the best, where others were written too
	High    float64 `json:"high"`  // from here on it goes on without asking
	Low     float64 `json:"low"`   // below it says that it has not understood
	Pairs   int     `json:"pairs"` // that it was fitted on
}

// ReadTrust reads what bench/planner -calibrate has written.
func ReadTrust(text []byte) (*Trust, error) {
	var t Trust
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, err
	}
	if t.Version != 1 {
		return nil, fmt.Errorf("version %d of a planner's trust: this program knows 1", t.Version)
	}
	if !(0 <= t.Low && t.Low <= t.High && t.High <= 1) {
		return nil, fmt.Errorf("thresholds %g and %g: want 0 to 1, the lower first", t.Low, t.High)
	}
	return &t, nil
}

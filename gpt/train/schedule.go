package train

import (
	"fmt"
	"math"
)

// schedule is by what the rate is multiplied along a run, whose length End is in steps or seconds.
//
// wsd: warm-up, stable, then down to zero in a straight line (Hu and others, MiniCPM, 2024; Hägele
// and others, Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations, 2024). The
// stable part may go on as long as one likes, and the decay begin from any checkpoint.
// cosine: warm-up, then half a cosine down to a tenth.
type schedule struct {
	Kind    string  `json:"kind"`
	Warm    float64 `json:"warm"`     // end of the warm-up
	DecayAt float64 `json:"decay_at"` // where the decay begins
	End     float64 `json:"end"`
}

// newSchedule makes one for a length; warm and decay are shares of it.
func newSchedule(kind string, end, warm, decay float64) (schedule, error) {
	if kind != "wsd" && kind != "cosine" && kind != "constant" {
		return schedule{}, fmt.Errorf("there is no schedule %q: want wsd, cosine or constant", kind)
	}
	if !(end > 0) || !(warm >= 0 && decay >= 0 && warm+decay <= 1) {
		return schedule{}, fmt.Errorf("a run of %g with a warm-up of %g and a decay of %g: want shares that are at most 1 together", end, warm, decay)
	}
	return schedule{kind, warm * end, end * (1 - decay), end}, nil
}

// at is the factor at x, where the step that is to be made lies.
func (s *schedule) at(x float64) float64 {
	if x < s.Warm {
		return max(x/s.Warm, 0.01)
	}
	switch s.Kind {
	case "cosine":
		done := min((x-s.Warm)/(s.End-s.Warm), 1)
		return 0.1 + 0.45*(1+math.Cos(math.Pi*done))
	case "wsd":
		if x > s.DecayAt && s.End > s.DecayAt {
			return max((s.End-x)/(s.End-s.DecayAt), 0)
		}
	}
	return 1
}

// extended is the schedule of a run that goes on at x towards another end. A decay that had begun
// begins again only where the new end is beyond the old one; one that had not begins at x at the earliest.
func (s *schedule) extended(x, end, decay float64) schedule {
	if end == s.End {
		return *s
	}
	out := *s
	out.End = end
	out.DecayAt = min(max(end*(1-decay), x), end)
	return out
}

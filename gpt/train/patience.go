package train

import (
	"math"
)

// tired counts evaluations that were not the best so far. Where they are as many as Settings.Patience,
// the run goes to its end: with wsd the rate falls from now on, which takes the share of the run that it
// was given, and the run ends there; later, or with another schedule, it ends at once. It reports whether
// the length has changed.
func (r *run) tired(best bool) bool {
	r.st.Waited++
	if best {
		r.st.Waited = 0
	}
	if r.Patience == 0 || r.st.Waited < r.Patience || r.along() >= r.length() {
		return false
	}
	r.st.Waited = 0
	x, s := r.along(), &r.st.Schedule
	end := x
	if s.Kind == "wsd" && x < s.DecayAt && r.Decay < 1 {
		end = min(s.End, x/(1-max(r.Decay, 0)))
	}
	if r.Steps > 0 {
		end = math.Ceil(end)
		r.Steps = int(end)
	} else {
		r.Minutes = end / 60
	}
	s.DecayAt, s.End = min(s.DecayAt, x), end
	r.watch.note(r.say("第 %d 步：连续 %d 次评测都不如第 %d 步，训练提前收尾", "step %d: %d evaluations have not been better than that of step %d; the run ends early", r.st.Step, r.Patience, r.st.BestStep))
	return true
}

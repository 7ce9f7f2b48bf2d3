package registry

import (
	"cmp"
	"slices"

	"daiban/gpt/machine"
)

// A Choice is a model as it suits a task on a machine.
type Choice struct {
	Model     *Model   `json:"-"`
	Name      string   `json:"name"`
	Estimate  Estimate `json:"estimate"`
	Installed bool     `json:"installed"`
	Fits      bool     `json:"fits"`     // in memory, and on the disk if it is still to be fetched
	InTime    bool     `json:"in_time"`  // a typical job ends within the task's time
	Language  bool     `json:"language"` // it answers well in the language
	Rank      int      `json:"rank"`
}

// Good reports whether nothing speaks against the model.
func (c *Choice) Good() bool { return c.Fits && c.InTime && c.Language }

// Recommend orders the models made for a task: first those that fit, speak the language ("" for
// any) and are quick enough, the best first; then the others, those that fit and speak it before
// those that do not. have names the models of this machine.
func (r Registry) Recommend(pc *machine.Machine, t *Task, language string, have []string) []Choice {
	var out []Choice
	for i := range r {
		m := &r[i]
		if !slices.Contains(m.Tasks, t.Name) || m.Shape.Layers == 0 {
			continue
		}
		c := Choice{Model: m, Name: m.Name, Estimate: m.On(pc, t), Rank: m.Rank[t.Name], Installed: slices.Contains(have, m.Name)}
		c.Fits = pc.Free == 0 || c.Estimate.Memory <= pc.Free*9/10
		if !c.Installed && pc.Disk > 0 && m.Weights() > float64(pc.Disk) {
			c.Fits = false
		}
		c.InTime = c.Estimate.Job <= t.Seconds
		c.Language = language == "" || slices.Contains(m.Languages, language)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Choice) int {
		return cmp.Or(b.class()-a.class(), order(&a, &b), cmp.Compare(a.Estimate.Job, b.Estimate.Job))
	})
	return out
}

// class puts what can be used before what cannot.
func (c *Choice) class() (n int) {
	for i, yes := range []bool{c.InTime, c.Language, c.Fits} {
		if yes {
			n += 1 << i
		}
	}
	return n
}

// order is by rank among models that are quick enough, by time among the others.
func order(a, b *Choice) int {
	if a.InTime {
		return b.Rank - a.Rank
	}
	return cmp.Compare(a.Estimate.Job, b.Estimate.Job)
}

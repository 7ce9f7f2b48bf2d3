package grammar

// run says what a state reads without thinking: any text of at most len code
// points, each ASCII one in ascii and, if wide, any other at all, can be read
// from the state. Inside a string, for example, everything but the quote and the
// backslash leads back to where it was. Matching skips whole parts of the vocabulary by it.
type run struct {
	ascii [2]uint64
	wide  bool
	len   int32
}

const (
	runMin     = 24 // fewer ASCII characters are not worth a run
	runForever = 1 << 30
)

// covers reports whether texts of the characters and the length of s are in r.
func (r *run) covers(s *summary) bool {
	return s.ascii[0]&^r.ascii[0]|s.ascii[1]&^r.ascii[1] == 0 &&
		(!s.wide() || r.wide) && !s.bad() && int32(s.points) <= r.len
}

// findRuns fills p.runs and p.runOf.
func (p *Program) findRuns() {
	p.runs = make([]run, 1)
	p.runOf = make([]int32, p.size())
	next := make([]int32, 1) // where each run leads
	for q := range p.runOf {
		if r, to, ok := p.runAt(int32(q)); ok {
			p.runOf[q] = int32(len(p.runs))
			p.runs = append(p.runs, r)
			next = append(next, to)
		}
	}
	p.runLengths(next)
}

// runAt returns the run of state q, its length left out, and where one code
// point of it leads: the state to which most ASCII characters go.
func (p *Program) runAt(q int32) (run, int32, bool) {
	es := p.edges[p.edgeOf[q]:p.edgeOf[q+1]]
	count, best := 0, int32(-1)
	for i, e := range es { // few edges: quadratic is fine
		if e.to < 0 || e.lo >= 0x80 {
			continue
		}
		n := 0
		for _, f := range es[i:] {
			if f.to == e.to && f.lo < 0x80 {
				n += int(min(f.hi, 0x7F)) - int(f.lo) + 1
			}
		}
		if n > count {
			count, best = n, e.to
		}
		if count > 64 {
			break
		}
	}
	if count < runMin {
		return run{}, 0, false
	}
	var r run
	for _, e := range es {
		if e.to == best {
			for b := int(e.lo); b <= int(e.hi) && b < 0x80; b++ {
				r.ascii[b>>6] |= 1 << (b & 63)
			}
		}
	}
	r.wide = true
	utf8Seqs(0x80, surrogateMin-1, func(s byteSeq) { r.wide = r.wide && p.allLead(q, best, s, 0) })
	utf8Seqs(surrogateMax+1, 0x10FFFF, func(s byteSeq) { r.wide = r.wide && p.allLead(q, best, s, 0) })
	return r, best, true
}

// allLead reports whether all sequences of s, from byte i on, lead from q to goal.
func (p *Program) allLead(q, goal int32, s byteSeq, i int) bool {
	if i == s.n {
		return q == goal
	}
	if q < 0 {
		return false
	}
	at := int(s.lo[i])
	for _, e := range p.edges[p.edgeOf[q]:p.edgeOf[q+1]] {
		if int(e.hi) < at {
			continue
		}
		if int(e.lo) > at || !p.allLead(e.to, goal, s, i+1) {
			return false
		}
		if at = int(e.hi) + 1; at > int(s.hi[i]) {
			return true
		}
	}
	return false
}

// runLengths follows each run to where it leads: a run goes on as long as the
// next state has a run of at least its characters.
func (p *Program) runLengths(next []int32) {
	goesOn := func(i int32) int32 { // the run after run i, or 0
		j := p.runOf[next[i]]
		a, b := &p.runs[i], &p.runs[j]
		if j == 0 || a.ascii[0]&^b.ascii[0]|a.ascii[1]&^b.ascii[1] != 0 || a.wide && !b.wide {
			return 0
		}
		return j
	}
	var path []int32
	for i := int32(1); i < int32(len(p.runs)); i++ {
		path = path[:0]
		at := i
		for at != 0 && p.runs[at].len == 0 {
			p.runs[at].len = -1 // on the path
			path = append(path, at)
			at = goesOn(at)
		}
		n := int32(0)
		switch {
		case at != 0 && p.runs[at].len < 0: // a cycle: its members grow only equal
			n = runForever
		case at != 0:
			n = p.runs[at].len
		}
		for k := len(path) - 1; k >= 0; k-- {
			n = min(n+1, runForever)
			p.runs[path[k]].len = n
		}
	}
}

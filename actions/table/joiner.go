package table

import (
	"daiban/action"
	"daiban/flow"
)

// A joiner holds the right table in memory, by key.
type joiner struct {
	how         string
	pairs       []keyPair
	cols        []flow.Column
	width       int // of the left table
	from        []int
	left, right keyer
	rows        [][]flow.Value // of the right table: the columns that stay
	keys        [][]flow.Value // of the right table, for outer: the key columns
	byKey       map[string][]int
	used        []bool
	out         []flow.Value
	repeated    int // left rows that became several
	alone       int // left rows without a match
}

func newJoiner(left, right flow.Table, pairs []keyPair, how string) *joiner {
	j := &joiner{how: how, pairs: pairs, width: len(left.Columns()), byKey: map[string][]int{}}
	for _, p := range pairs {
		j.left.at, j.right.at = append(j.left.at, p.left), append(j.right.at, p.right)
	}
	if j.cols, j.from = joinColumns(left.Columns(), right.Columns(), pairs); how == "anti" {
		j.cols, j.from = left.Columns(), nil
	}
	j.out = make([]flow.Value, len(j.cols))
	return j
}

// index takes a row of the right table.
func (j *joiner) index(_ int, row []flow.Value) error {
	key, blank := j.right.key(row)
	if !blank {
		j.byKey[string(key)] = append(j.byKey[string(key)], len(j.rows))
	}
	j.rows = append(j.rows, pick(make([]flow.Value, 0, len(j.from)), row, j.from))
	if j.how == "outer" {
		j.keys = append(j.keys, pick(make([]flow.Value, 0, len(j.pairs)), row, j.right.at))
		j.used = append(j.used, false)
	}
	return nil
}

// row adds what a row of the left table becomes.
func (j *joiner) row(row []flow.Value, add func([]flow.Value) error) error {
	var matches []int
	if key, blank := j.left.key(row); !blank {
		matches = j.byKey[string(key)]
	}
	if len(matches) == 0 {
		j.alone++
	}
	switch {
	case j.how == "anti" && len(matches) > 0, j.how == "inner" && len(matches) == 0:
		return nil
	case len(matches) == 0 || j.how == "anti":
		clear(j.out[copy(j.out, row):])
		return add(j.out)
	case len(matches) > 1:
		j.repeated++
	}
	copy(j.out, row)
	for _, m := range matches {
		copy(j.out[j.width:], j.rows[m])
		if j.used != nil {
			j.used[m] = true
		}
		if err := add(j.out); err != nil {
			return err
		}
	}
	return nil
}

// rest adds, for outer, the rows of the right table that matched nothing; their keys stand in
// the left table's columns.
func (j *joiner) rest(add func([]flow.Value) error) error {
	for m, used := range j.used {
		if used {
			continue
		}
		clear(j.out)
		for k, p := range j.pairs {
			j.out[p.left] = j.keys[m][k]
		}
		copy(j.out[j.width:], j.rows[m])
		if err := add(j.out); err != nil {
			return err
		}
	}
	return nil
}

func (j *joiner) notes(c *action.Call, before, after int) {
	if j.how == "anti" {
		return
	}
	if j.repeated > 0 {
		note(c, "warning", "右表的关键列有重复：左表有 %d 行匹配到多行，结果从 %d 行变成 %d 行",
			"the key repeats in the right table: rows of the left one that match several: %d; %d rows became %d", j.repeated, before, after)
	}
	unused := len(j.used)
	for _, u := range j.used {
		if u {
			unused--
		}
	}
	if j.alone > 0 {
		note(c, "info", "左表有 %d 行在右表里没有对应", "rows of the left table without a match in the right one: %d", j.alone)
	}
	if unused > 0 {
		note(c, "info", "右表有 %d 行在左表里没有对应", "rows of the right table without a match in the left one: %d", unused)
	}
}

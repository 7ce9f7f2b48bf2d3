package flow

import (
	"cmp"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

type bigRef = *apd.Decimal

// Compare orders two values: -1, 0, 1. ok is false when they have no common
// order (a text and a number, say) or one is Null. A text that reads as the other side's kind
// (AsNumber, AsDate) is compared as that.
func Compare(a, b Value) (c int, ok bool) {
	if a.kind == b.kind {
		return compareSame(a, b)
	}
	if a.IsText() && b.IsText() {
		return cmp.Compare(a.s, b.s), true
	}
	if a.kind == NumberKind || b.kind == NumberKind {
		x, okx := AsNumber(a)
		y, oky := AsNumber(b)
		return x.Cmp(y), okx && oky
	}
	if isDay(a) || isDay(b) {
		x, okx := AsDate(a)
		y, oky := AsDate(b)
		if !okx || !oky {
			return 0, false
		}
		if x.kind == y.kind {
			return compareSame(x, y)
		}
		// A day and a time: the time's own day decides (`modified < today()`).
		return cmp.Compare(x.days(), y.days()), true
	}
	if a.kind == BoolKind || b.kind == BoolKind {
		x, okx := AsBool(a)
		y, oky := AsBool(b)
		return cmp.Compare(b2i(x), b2i(y)), okx && oky
	}
	return 0, false
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isDay(v Value) bool { return v.kind == DateKind || v.kind == TimeKind }

func (v Value) days() int64 {
	if v.kind == TimeKind {
		return floorDiv(v.n, 86400*1e6)
	}
	return v.n
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func compareSame(a, b Value) (int, bool) {
	switch a.kind {
	case NumberKind:
		return a.Number().Cmp(b.Number()), true
	case TextKind, PathKind, SecretKind:
		return cmp.Compare(a.s, b.s), true
	case BoolKind, DateKind, TimeKind:
		return cmp.Compare(a.n, b.n), true
	case DurationKind:
		return cmp.Compare(a.n, b.n), a.scale == b.scale
	case ListKind:
		return compareLists(a.List(), b.List())
	}
	return 0, false
}

func compareLists(a, b []Value) (int, bool) {
	for i := range min(len(a), len(b)) {
		if c, ok := Compare(a[i], b[i]); c != 0 || !ok {
			return c, ok
		}
	}
	return cmp.Compare(len(a), len(b)), true
}

// Equal is a == b of the language: Null equals Null and the empty text; texts ignore outer spaces;
// 1.0 equals 1, and the text "1001" equals the number 1001.
func Equal(a, b Value) bool {
	if isEmpty(a) || isEmpty(b) {
		return isEmpty(a) && isEmpty(b)
	}
	if a.IsText() && b.IsText() {
		return strings.TrimSpace(a.s) == strings.TrimSpace(b.s)
	}
	if a.kind == RowKind && b.kind == RowKind {
		return a.Row().String() == b.Row().String()
	}
	c, ok := Compare(a, b)
	return ok && c == 0
}

func isEmpty(v Value) bool {
	return v.kind == NullKind || v.IsText() && strings.TrimSpace(v.s) == ""
}

// Key is the text under which v groups, joins and is unique: outer spaces
// dropped, equal numbers alike, and a text that is a plain number like that number ("1001", 1001),
// but not one with leading zeros ("007").
func (v Value) Key() string {
	switch v.kind {
	case NumberKind:
		return v.Number().Key()
	case TextKind, PathKind:
		s := strings.TrimSpace(v.s)
		if plainNumber(s) {
			if x, ok := ParseNumber(s); ok {
				return x.Key()
			}
		}
		return s
	}
	return v.String()
}

// plainNumber reports whether s is how a number would be written: digits, no leading zero.
func plainNumber(s string) bool {
	if s == "" || s[0] < '-' || s[0] > '9' {
		return false
	}
	t := strings.TrimPrefix(s, "-")
	if t == "" || t[0] == '0' && len(t) > 1 && t[1] != '.' {
		return false
	}
	return strings.Trim(t, "0123456789.") == "" && t[0] != '.' && t[len(t)-1] != '.'
}

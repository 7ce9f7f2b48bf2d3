package fields

import (
	"strings"

	"daiban/flow"
)

var capitalDigits = map[rune]int64{
	'零': 0, '〇': 0, '壹': 1, '一': 1, '贰': 2, '貳': 2, '二': 2, '两': 2, '叁': 3, '參': 3, '叄': 3, '三': 3, '肆': 4, '四': 4, '伍': 5, '五': 5,
	'陆': 6, '陸': 6, '六': 6, '柒': 7, '七': 7, '捌': 8, '八': 8, '玖': 9, '九': 9,
}

var capitalUnits = map[rune]int64{'拾': 10, '十': 10, '佰': 100, '百': 100, '仟': 1000, '千': 1000}

// parseCapitals reads an amount in words: 叁仟伍佰圆整, (负数)壹佰元伍角. Signs
// that forms put before it (⊗, ￥) are skipped. Not ok when it is no amount.
func parseCapitals(s string) (flow.Number, bool) {
	negative := strings.Contains(s, "负")
	var yi, wan, group, digit, cents int64
	var seen, yuan bool
	pending := false
	for _, r := range s {
		d, isDigit := capitalDigits[r]
		u, isUnit := capitalUnits[r]
		switch {
		case isDigit:
			digit, pending, seen = d, true, true
		case isUnit:
			if !pending && group == 0 {
				digit = 1 // 拾元
			}
			group, digit, pending, seen = group+digit*u, 0, false, true
		case r == '万' || r == '萬':
			wan, group, digit, pending = (group+digit)*10_000, 0, 0, false
		case r == '亿' || r == '億':
			yi, wan, group, digit, pending = (wan+group+digit)*100_000_000, 0, 0, 0, false
		case r == '圆' || r == '元' || r == '圓':
			if yuan {
				return flow.Number{}, false
			}
			yuan, group, digit, pending = true, group+digit, 0, false
		case r == '角':
			cents, digit, pending = cents+digit*10, 0, false
		case r == '分':
			cents, digit, pending = cents+digit, 0, false
		case strings.ContainsRune("整正⊗×xX¥￥$人民币负数()（）:： ", r):
		default:
			return flow.Number{}, false
		}
	}
	if !seen || !yuan && cents == 0 || pending {
		return flow.Number{}, false
	}
	n := flow.Decimal((yi+wan+group)*100+cents, 2)
	if negative {
		n = n.Neg()
	}
	return n, true
}

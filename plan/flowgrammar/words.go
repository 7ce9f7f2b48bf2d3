package flowgrammar

import (
	"strconv"
	"strings"

	"daiban/flow"
)

var hanDigits = map[rune]int64{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '俩': 2, '三': 3, '仨': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9, '廿': 20}

var hanUnits = map[rune]int64{'十': 10, '百': 100, '千': 1000}

// hanNumbers is what a run of Chinese numerals may mean: 三千五 is 3005, or 3500 as it is spoken.
func hanNumbers(s string) []string {
	whole, frac, point := strings.Cut(s, "点")
	half := strings.HasSuffix(whole, "半")
	whole = strings.TrimSuffix(whole, "半")
	var out []string
	if n, spoken, ok := hanWhole(whole); ok {
		out = append(out, strconv.FormatInt(n, 10))
		if spoken > 0 {
			out = append(out, strconv.FormatInt(spoken, 10))
		}
		if half {
			out = append(out, strconv.FormatInt(n, 10)+".5")
		}
		if digits := hanString(frac); point && digits != "" {
			out = append(out, strconv.FormatInt(n, 10)+"."+digits)
		}
	}
	if digits := hanString(whole); len(digits) > 1 { // 二〇二六
		out = append(out, strings.TrimLeft(digits, "0"))
	}
	return out
}

// hanString is numerals read one by one, "" when there is another sign.
func hanString(s string) string {
	var b strings.Builder
	for _, r := range s {
		d, ok := hanDigits[r]
		if !ok || d > 9 {
			return ""
		}
		b.WriteString(strconv.FormatInt(d, 10))
	}
	return b.String()
}

// hanWhole reads 一万二千三百; spoken is what a last numeral without unit means after a unit (一千二 is 1200).
func hanWhole(s string) (n, spoken int64, ok bool) {
	var total, section, digit, unit int64
	zero := false
	for _, r := range s {
		switch {
		case hanUnits[r] > 0:
			if digit == 0 {
				digit = 1
			}
			unit = hanUnits[r]
			section += digit * unit
			digit, zero = 0, false
		case r == '万' || r == '亿':
			unit = 10_000
			if r == '亿' {
				unit = 100_000_000
			}
			total = (total + max(section+digit, 1)) * unit
			section, digit, zero = 0, 0, false
		default:
			d, known := hanDigits[r]
			if !known {
				return 0, 0, false
			}
			zero = zero || d == 0
			digit = d
		}
		if total > 1e15 {
			return 0, 0, false
		}
	}
	n = total + section + digit
	if digit > 0 && unit >= 100 && !zero {
		spoken = total + section + digit*unit/10
	}
	return n, spoken, s != ""
}

// words notes the numbers that English words say, alone and in a row: twenty five, two hundred, half a dozen.
func (n *numberList) words(text string, words [][]int) {
	for i := range words {
		var total, part int64
		for j := i; j < len(words) && j < i+6; j++ {
			w := text[words[j][0]:words[j][1]]
			n.at = [2]int{words[i][0], words[j][1]}
			x, ok := numberWords[w]
			switch {
			case w == "and" && j > i, w == "a" && j == i:
				continue
			case units[w] >= 100 && len(w) > 2 && j > i:
				part = max(part, 1) * units[w]
				if units[w] >= 1000 {
					total, part = total+part, 0
				}
			case units[w] >= 100 && len(w) > 2:
				part = units[w]
			case ok:
				part += x
			default:
				j = len(words)
				continue
			}
			n.add(flow.Int(total + part))
			n.add(times(flow.Int(total+part), "0.01"))
		}
	}
}

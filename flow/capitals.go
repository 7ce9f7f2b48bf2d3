package flow

import "strings"

const (
	capitalDigits = "零壹贰叁肆伍陆柒捌玖"
	capitalsMax   = 16 // digits before the point: up to 9999 万亿
)

func capitalsFunc(_ *compiler, e *Apply, args []Value) (Value, error) {
	x, none, err := numberArg(e, args, 0)
	if err != nil || none {
		return Null(), err
	}
	s, ok := Capitals(x)
	if !ok {
		return Value{}, evalError(e.Pos, "金额太大，写不成大写", "the amount is too large to be written in capitals")
	}
	return Text(s).From(args[0].src), nil
}

// Capitals is an amount in yuan as it is written on cheques and invoices, to the fen:
// 3500 is 叁仟伍佰元整. ok is false from 10^16 yuan.
func Capitals(x Number) (string, bool) {
	x = x.Round(2)
	digits, frac, _ := strings.Cut(x.Abs().Key(), ".")
	frac = (frac + "00")[:2]
	if len(digits) > capitalsMax {
		return "", false
	}
	var b strings.Builder
	if x.Sign() < 0 {
		b.WriteString("负")
	}
	yuan := capitalWhole(digits)
	jiao, fen := frac[0], frac[1]
	switch {
	case yuan != "":
		b.WriteString(yuan + "元")
	case frac == "00":
		return "零元整", true
	}
	if frac == "00" {
		b.WriteString("整")
		return b.String(), true
	}
	if jiao != '0' {
		b.WriteString(capital(jiao) + "角")
	} else if yuan != "" {
		b.WriteString("零")
	}
	if fen == '0' {
		b.WriteString("整")
	} else {
		b.WriteString(capital(fen) + "分")
	}
	return b.String(), true
}

func capital(d byte) string {
	i := int(d-'0') * 3
	return capitalDigits[i : i+3]
}

// capitalWhole is the whole part in groups of four; a gap of zeros is read as one 零.
func capitalWhole(digits string) string {
	var b strings.Builder
	zero, group := false, false
	for i := range len(digits) {
		place := len(digits) - 1 - i
		switch d := digits[i]; {
		case d == '0':
			zero = b.Len() > 0
		default:
			if zero {
				b.WriteString("零")
			}
			b.WriteString(capital(d) + [4]string{"", "拾", "佰", "仟"}[place%4])
			zero, group = false, true
		}
		if place%4 == 0 && place > 0 {
			switch {
			case group && place == 12 && strings.Trim(digits[i+1:i+5], "0") == "":
				b.WriteString("万亿") // 亿 of an empty group below is said here
			case group:
				b.WriteString([4]string{"", "万", "亿", "万"}[place/4])
			}
			group = false
		}
	}
	return b.String()
}

package phrasebook

import (
	"hash/maphash"
	"math"
	"regexp"
	"slices"
	"strings"
)

// A doubt knows which words stand in requests that no action can do: how often a word
// or a piece of one was seen in such requests and in the others.
type doubt struct {
	seed   maphash.Seed
	seen   map[uint64][2]uint16 // in others, in impossible ones
	totals [2]int
}

// How much evidence, in nats over the root of the number of words, it takes for a
// request to count as impossible: less where it names no file, address, group or
// database that an action could work on.
const (
	doubtMin      = 1.2
	doubtMinThing = 2.2
)

func newDoubt(pairs []Pair) *doubt {
	d := &doubt{seed: maphash.MakeSeed(), seen: make(map[uint64][2]uint16, 16*len(pairs))}
	for _, p := range pairs {
		k := 0
		if strings.HasPrefix(p.Flow, "cannot(") {
			k = 1
		}
		d.totals[k]++
		for _, f := range d.features(p.Request) {
			n := d.seen[f]
			n[k]++
			d.seen[f] = n
		}
	}
	return d
}

// features is the words, pairs of words and pieces of two and three characters of s,
// each once; what looks like a file or an address counts only as such.
func (d *doubt) features(s string) []uint64 {
	ts := tokenize(s)
	out := make([]uint64, 0, 3*len(ts))
	add := func(s string) { out = append(out, maphash.String(d.seed, s)) }
	last := ""
	for i, t := range ts {
		glued := i+1 < len(ts) && !ts[i+1].gap
		switch {
		case t.kind == hanToken:
			for n := 1; n <= 2 && i+n < len(ts) && ts[i+n].kind == hanToken && !ts[i+n].gap; n++ {
				add(strings.ToLower(s[t.start:ts[i+n].end]))
			}
		case t.text == "@" || t.text == ":" && glued && ts[i+1].text == "/":
			add("\x00" + t.text)
		case t.kind == wordToken && extensions[t.text] != "" && i > 0 && ts[i-1].text == "." && !t.gap:
			add("\x00file")
		case t.kind == wordToken && !(glued && ts[i+1].text == "."):
			add(t.text)
			if last != "" {
				add(last + " " + t.text)
			}
			last = t.text
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// impossible is the flow that says that text cannot be done, where its words say so clearly.
func (b *Book) impossible(text string) string {
	if beyondRe.MatchString(text) && !b.namesThing(text) {
		return cannotDo(text)
	}
	d := b.doubt()
	if d.totals[1] == 0 {
		return ""
	}
	fs := d.features(text)
	sum := 0.0
	for _, f := range fs {
		n := d.seen[f]
		if n[0]+n[1] < 2 {
			continue
		}
		sum += math.Log((float64(n[1])+0.3)/(float64(d.totals[1])+0.6)) - math.Log((float64(n[0])+0.3)/(float64(d.totals[0])+0.6))
	}
	least := doubtMin
	if b.namesThing(text) {
		least = doubtMinThing
	}
	switch {
	case everydayRe.MatchString(text):
		return ""
	case doableRe.MatchString(text):
		least += 0.8
	}
	if len(fs) == 0 || sum/math.Sqrt(float64(len(fs))) < least {
		return ""
	}
	return cannotDo(text)
}

// cannotDo is the flow that says that text cannot be done.
func cannotDo(text string) string {
	return "cannot(" + quote(strings.Join(strings.Fields(text), " ")) + ")\n"
}

// everydayRe finds what actions do every day, doableRe what sounds like it: there it
// takes more to doubt.
var (
	everydayRe = regexp.MustCompile(`(?i)\b(?:e-?mail|mail|screenshot|picture of my screen)\b|\bprint (?:\S+\.\w+|it|them)\b|打印.{0,12}\.(?:pdf|docx|xlsx)|发.{0,2}邮件|群.{0,2}说一声|哪一类|画.{0,6}[线图]`)
	doableRe   = regexp.MustCompile(`(?i)\bprint\b|打印|邮件|说一声|通知|总结|翻译|归类|分类`)
)

// neverRe finds what no action does to the files and people that actions know too: a
// password on a file, a text message, a call.
var neverRe = regexp.MustCompile(`(?i)\bpassword[- ]?protect(?:ed|ion)?\b|\b(?:encrypt|decrypt)\b|\b(?:with|put|set|add|apply) an? (?:\w+ )?password\b|\bremove the password\b|\b(?:send|text) (?:\w+ ){0,3}(?:an? )?(?:sms|text message|whatsapp(?: message)?)\b|\bby sms\b|\b(?:via|on|over) (?:sms|whatsapp)\b|^(?:please |kindly |can you |could you )?fax\b|\bfax (?:it|them|the result)\b|\bqr[- ]?code\b|\btranscribe\b|\.(?:mp3|wav|m4a|mp4|mov)\b.{0,20}\b(?:to|into) text\b|\brotate the (?:pages?|image|photo|picture|pdf)\b|\b(?:crop|resize) (?:the )?(?:image|photo|picture|logo)|\bremove the background\b|\b(?:calendar (?:entry|event|invite|appointment)|(?:schedule|set up|book) (?:a|the) (?:meeting|call|appointment))\b|\bon (?:facebook|twitter|instagram|linkedin|tiktok|wechat moments)\b|\b(?:highlight|shade|colou?r) .{1,60}\b(?:red|yellow|green|bold|blue)\b|\bmake .{1,40}\bbold\b|` +
	`\.(?:mp3|wav|m4a|mp4|mov) ?(?:转|转成|转为|转写成|识别成|听写成)(?:文字|文本)|标红|标黄|标绿|高亮(?:显示|出来)?|字体(?:改|加粗|颜色)|加粗|冻结(?:窗格|首行)|合并单元格|二维码|抠图|去(?:掉)?背景|朋友圈|微博|公众号|(?:剪辑|剪成|配音|朗读|念给我听)|做成.{0,6}PPT|(?:建|加|设)(?:一个|个).{0,8}日程|预约会议|(?:开|约)(?:一个|个).{0,4}视频会议|` +
	`(?:加|设|设置|设个|加个|加上|设上|加一个|设一个|设置一个)(?:一个|个|上)?(?:打开|访问|编辑|开启)?密码|密码保护|加密(?:一下|成|后|处理|压缩|$|[，。,])|发(?:一条|条|个)?短信|群发短信|打(?:个|一个|通)?(?:语音|视频)?电话给|给.{1,8}打(?:个|一个|通)?(?:语音)?电话`)

// beyondRe finds the everyday wishes that no action can do.
var beyondRe = regexp.MustCompile(`(?i)\b(?:order|get|bring|buy|make|fetch) (?:me|us) (?:a |an |some |the )?(?:\w+ )?(?:pizza|coffee|tea|lunch|dinner|food|burger|taxi|cab|uber|drink|sandwich)\b|\bbook (?:me |us )?(?:a |an |the )?(?:\w+ )?(?:flight|hotel|table|room|taxi|train|ticket|appointment)|^(?:please )?(?:call|phone|ring|text|whatsapp) (?:up )?[A-Z\p{L}]+(?: [A-Z]\w+)?[.!]?$|\bweather\b|\bplay (?:some )?(?:music|a song)|\bturn (?:on|off) the (?:light|heating|lamp|tv|fan|air)|\b(?:sing|dance|tell me a joke)\b|` +
	`订(?:一张|一个|张|个|间|份)?.{0,10}(?:机票|车票|火车票|酒店|房间|外卖|餐|电影票|座位)|点(?:一份|个|份)?.{0,6}外卖|打(?:个|一个|通)?电话|(?:叫|打)(?:一辆|辆|个)?(?:车|出租车|滴滴)|天气(?:怎么样|如何|预报)?|(?:播放|放)(?:一首|首|点|一下)?.{0,4}(?:音乐|歌)|(?:开|关)(?:一下)?(?:灯|空调|电视)|讲个笑话|唱(?:首|一首)歌|泡(?:杯|一杯)(?:茶|咖啡)|买(?:一杯|杯|一份|份).{0,6}(?:咖啡|奶茶|饭|水)`)

// namesThing reports whether text names something that actions work on.
func (b *Book) namesThing(text string) bool {
	p := newParser(b.g, text)
	for _, list := range p.spans {
		for _, s := range list {
			switch s.kind {
			case "file", "mail", "url", "chan", "path", "glob":
				return true
			}
		}
	}
	return hasAny(strings.ToLower(text), []string{"群", "channel", "group", "库", "database", "队列", "queue"})
}

package text

import (
	"strings"
	"unicode"

	"daiban/action"
)

// A language is one that a text is in or shall be in, by its names.
type language struct{ zh, en string }

var (
	chinese = language{"中文", "Chinese"}
	english = language{"英文", "English"}
)

// languages by what people call them, in lower case.
var languages = map[string]language{
	"zh": chinese, "cn": chinese, "zh-cn": chinese, "中文": chinese, "汉语": chinese, "简体中文": chinese, "简体": chinese, "chinese": chinese, "mandarin": chinese, "simplified chinese": chinese, "中": chinese,
	"en": english, "en-us": english, "en-gb": english, "英文": english, "英语": english, "english": english, "英": english,
	"ja": {"日文", "Japanese"}, "日文": {"日文", "Japanese"}, "日语": {"日文", "Japanese"}, "japanese": {"日文", "Japanese"},
	"ko": {"韩文", "Korean"}, "韩文": {"韩文", "Korean"}, "韩语": {"韩文", "Korean"}, "korean": {"韩文", "Korean"},
	"fr": {"法文", "French"}, "法文": {"法文", "French"}, "法语": {"法文", "French"}, "french": {"法文", "French"},
	"de": {"德文", "German"}, "德文": {"德文", "German"}, "德语": {"德文", "German"}, "german": {"德文", "German"},
	"es": {"西班牙文", "Spanish"}, "西班牙文": {"西班牙文", "Spanish"}, "西班牙语": {"西班牙文", "Spanish"}, "spanish": {"西班牙文", "Spanish"},
	"ru": {"俄文", "Russian"}, "俄文": {"俄文", "Russian"}, "俄语": {"俄文", "Russian"}, "russian": {"俄文", "Russian"},
	"it": {"意大利文", "Italian"}, "意大利文": {"意大利文", "Italian"}, "意大利语": {"意大利文", "Italian"}, "italian": {"意大利文", "Italian"},
	"pt": {"葡萄牙文", "Portuguese"}, "葡萄牙文": {"葡萄牙文", "Portuguese"}, "葡萄牙语": {"葡萄牙文", "Portuguese"}, "portuguese": {"葡萄牙文", "Portuguese"},
}

// nameMax bounds the name of a language, in characters.
const nameMax = 40

// languageOf is the language of a name. A name that is not known stays as it is: the model may know it.
func languageOf(name string) (language, error) {
	name = strings.TrimSpace(name)
	if l, ok := languages[strings.ToLower(name)]; ok {
		return l, nil
	}
	if name == "" || len([]rune(name)) > nameMax || strings.ContainsFunc(name, unicode.IsControl) {
		return language{}, action.Bad("不知道是哪种语言：写“英文”“日语”这样的名称", "it is not clear which language: write a name such as English or German")
	}
	return language{name, name}, nil
}

// spoken is the language that a text is mostly in: Chinese, or else as English.
func spoken(text string) language {
	chars, words := 0, 0
	inWord := false
	for _, r := range text {
		letter := unicode.IsLetter(r)
		switch {
		case unicode.Is(unicode.Han, r):
			chars++
		case letter && !inWord:
			words++
		}
		inWord = letter && !unicode.Is(unicode.Han, r)
	}
	if chars > words {
		return chinese
	}
	return english
}

// length is how long a text is: characters of Chinese, signs included, words of what is written with spaces.
func (l language) length(text string) int {
	if l.spaced() {
		return len(strings.Fields(text))
	}
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// spaced reports a language that is written with spaces between its words.
func (l language) spaced() bool { return l.en != "Chinese" && l.en != "Japanese" }

// say is what the model is told in the language of the task.
func (l language) say(zh, en string) string {
	if l == chinese {
		return zh
	}
	return en
}

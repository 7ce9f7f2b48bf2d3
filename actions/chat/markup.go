package chat

import (
	"regexp"
	"strings"
)

var (
	markup   = regexp.MustCompile(`(?m)^#{1,6} \S|\*\*\S(?:[^*\n]*\S)?\*\*|\[[^\]\n]+\]\(https?://[^)\s]+\)`)
	headings = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	bold     = regexp.MustCompile(`\*\*(\S(?:[^*\n]*\S)?)\*\*`)
	link     = regexp.MustCompile(`\[([^\]\n]+)\]\((https?://[^)\s]+)\)`)
)

// marked reports whether s is written in Markdown: it has a heading, bold words or a link.
func marked(s string) bool { return markup.MatchString(s) }

// title is the first line of a text, without markup.
func title(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	first = link.ReplaceAllString(first, "$1")
	return cut(strings.TrimSpace(strings.Trim(strings.ReplaceAll(first, "**", ""), "#> ")), 50)
}

// mrkdwn is Markdown as Slack writes it; &, < and > are escaped already.
func mrkdwn(s string) string {
	s = headings.ReplaceAllString(s, "**$1**")
	s = bold.ReplaceAllString(s, "*$1*")
	return link.ReplaceAllString(s, "<$2|$1>")
}

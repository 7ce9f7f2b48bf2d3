package letter

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"daiban/actions/internal/paths"
)

// nameMax bounds the name of a file, in bytes: file systems take 255, and " (2)" may come to it.
const nameMax = 200

// SafeName is the name of a file as it may be saved anywhere: the last element of a path, without what a
// file system reserves, not hidden, and with an extension by its media type when it has no name.
func SafeName(name, kind string) string {
	name = norm.NFC.String(visible(name))
	name = path.Base(paths.Slash(name))
	if name == "." || name == "/" || name == ".." {
		name = ""
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) || r == utf8.RuneError || unicode.Is(unicode.Co, r) {
			return '_'
		}
		return r
	}, name)
	if strings.HasPrefix(name, "~$") { // as Office hides its locks
		name = "_" + name[2:]
	}
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	if stem := paths.Stem(name); stem == "" || name == "" {
		name = "attachment" + extensions[kind]
	}
	if reserved(name) {
		name = "_" + name
	}
	return cutName(name)
}

// reserved reports whether Windows takes a name for a device.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

// cutName shortens the stem of a name that is too long.
func cutName(name string) string {
	if len(name) <= nameMax {
		return name
	}
	ext := paths.Ext(name)
	stem := name[:nameMax-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + ext
}

// extensions is how a file without a name ends.
var extensions = map[string]string{
	"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv",
	"text/calendar": ".ics", "message/rfc822": ".eml", "application/zip": ".zip", "application/msword": ".doc", "application/vnd.ms-excel": ".xls",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/pkcs7-signature":                                             ".p7s", "application/x-pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m",
}

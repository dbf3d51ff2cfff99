package register

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that do not come apart into a plain one and an accent.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ħ", "h", "ı", "i")

// plain is text as people type it in a hurry: small letters and digits, no
// accents, every mark replaced by mark, or dropped when mark is below 0.
func plain(text string, mark rune) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return ' '
		}
		return mark
	}, norm.NFKD.String(text))
	return letters.Replace(text)
}

// searchable is all words of texts, each behind a space. O'Hara is found as
// ohara and as hara.
func searchable(texts ...string) string {
	text := strings.Join(texts, " ")
	return " " + strings.Join(strings.Fields(plain(text, ' ')+" "+plain(text, -1)), " ")
}

// sortKey orders by family name, then given name.
func sortKey(d Details) string { return plain(d.Family, -1) + "\x00" + plain(d.Given, -1) }

package school

import "unicode/utf8"

// Fits reports whether text is text at all, of up to most characters.
func Fits(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most
}

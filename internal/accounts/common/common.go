// Package common knows the passwords that many people use. The list is that of
// zxcvbn (see LICENSE.zxcvbn): some 30,000 words and strings, in small letters,
// in order, one a line.
package common

import (
	_ "embed"
	"strings"
	"unicode"
)

//go:embed passwords.txt
var passwords string

// rows are what fingers run along.
const rows = "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz 01234567890123456789 qwertyuiopasdfghjklzxcvbnm 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"

// Contains reports whether a password is on the list, or little more than what
// is: one with figures and signs around it, one said several times, a run of
// letters or figures, or one character over and over.
func Contains(password string) bool {
	text := strings.ToLower(strings.Join(strings.Fields(password), ""))
	core := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	return listed(text) || listed(core) || listed(part(text)) || listed(part(core)) || runs(text)
}

func listed(text string) bool {
	return text != "" && strings.Contains(passwords, "\n"+text+"\n")
}

// part is what a text repeats, or the text: the shortest beginning that, said
// again and again, gives all of it.
func part(text string) string {
	for n := 1; n <= len(text)/2; n++ {
		if whole := strings.Repeat(text[:n], len(text)/n+1); whole[:len(text)] == text {
			return text[:n]
		}
	}
	return text
}

// runs reports whether a text is one character, or a run along a row or two
// with figures behind it.
func runs(text string) bool {
	core := strings.TrimRightFunc(part(text), unicode.IsDigit)
	return len(part(text)) < 4 || strings.Contains(rows, part(text)) || len(core) >= 4 && strings.Contains(rows, core) || strings.Contains(reversed(rows), part(text))
}

func reversed(text string) string {
	var b strings.Builder
	for i := len(text) - 1; i >= 0; i-- {
		b.WriteByte(text[i])
	}
	return b.String()
}

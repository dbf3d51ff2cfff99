package print

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// set tells how much of a name could be printed.
type set int

const (
	whole set = iota
	initialsOnly
	nothing
)

// joined are scripts whose letters change shape beside each other. That takes
// a shaping engine; without one their names would come out wrong.
var joined = []*unicode.RangeTable{unicode.Arabic, unicode.Nko, unicode.Syriac, unicode.Mongolian}

// name gives what to print for a name: itself when the font can set it, else
// its initials, else nothing. A box instead of a letter is never printed.
func (p *press) name(name string) (string, set) {
	name = tidy(name)
	if p.all(name, func(r rune) bool { return p.covers(r) && !unicode.In(r, joined...) }) {
		return visual(name), whole
	}
	short := initials(name)
	if p.all(short, p.covers) {
		return visual(short), initialsOnly
	}
	return "", nothing
}

// plain gives the letters of a text that the font has.
func (p *press) plain(text string) string {
	return visual(strings.Map(func(r rune) rune {
		if !p.covers(r) {
			return -1
		}
		return r
	}, tidy(text)))
}

func (p *press) all(text string, may func(rune) bool) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !may(r) })
}

// tidy composes accents, drops what has no shape and bounds the length.
func tidy(text string) string {
	if letters := []rune(text); len(letters) > MaxName {
		text = string(letters[:MaxName])
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.C), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, norm.NFC.String(text))
	return strings.Join(strings.Fields(text), " ")
}

func initials(name string) string {
	var letters []string
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		letters = append(letters, string(unicode.ToUpper([]rune(word)[0])))
	}
	return strings.Join(letters, " ")
}

// visual puts letters in the order they are drawn in, from left to right.
func visual(text string) string {
	var p bidi.Paragraph
	if _, err := p.SetString(text); err != nil {
		return text
	}
	order, err := p.Order()
	if err != nil {
		return text
	}
	var drawn strings.Builder
	for i := range order.NumRuns() {
		run := order.Run(i)
		if run.Direction() == bidi.RightToLeft {
			drawn.WriteString(bidi.ReverseString(run.String()))
		} else {
			drawn.WriteString(run.String())
		}
	}
	return drawn.String()
}

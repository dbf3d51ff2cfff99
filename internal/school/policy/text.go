package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

func offered(options []Option, value string) bool {
	return slices.ContainsFunc(options, func(o Option) bool { return o.Value == value })
}

// wordsOf is a value for people; one that nobody offers is shown as it is.
func wordsOf(options []Option, value string) string {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Value == value })
	if i < 0 {
		return value
	}
	return options[i].Words
}

func unknown(name, value string, options []Option) error {
	values := make([]string, len(options))
	for i, o := range options {
		values[i] = o.Value
	}
	return errs.At(name, fmt.Sprintf("%.40q is none of: %s.", value, strings.Join(values, ", ")), "Choose one of them.")
}

// items takes a list with one item a line apart; blanks and repeats fall away.
func items(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return list
}

// upper begins with a capital letter.
func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// sentence joins a list as people say it.
func sentence(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func checkQuote(name, text string) error {
	switch {
	case text == "":
		return errs.At(name, "The school's own words are missing.", "Quote the policy.")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return errs.At(name, "The text must be one line of plain text.", "Type it anew.")
	case utf8.RuneCountInString(text) > maxQuote:
		return errs.At(name, fmt.Sprintf("The text is longer than %d characters.", maxQuote), "Quote less.")
	}
	return nil
}

func checkPerson(name, id string) error {
	if !school.ValidID(id) {
		return errs.At(name, fmt.Sprintf("%.40q is not the id of a person.", id), "Give ids of small letters, digits and hyphens, never names.")
	}
	return nil
}

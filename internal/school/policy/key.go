package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Key is one rule of the schema. Its value has a text form, which files and
// forms use: a word, a number, a date, or a list with one item a line.
type Key struct {
	Name    string   // as files have it: search.by
	Group   Group    // under which it is shown
	Title   string   // for people
	Options []Option // the values it may have; none for numbers and free text
	Many    bool     // a list
	Guarded bool     // loosening it takes a second person, see Loosens

	get   func(Rules) string
	set   func(*Rules, string) error
	words func(text string) string
	tries []string // values beside Options for tests that flip the rule
}

// Option is a value that a rule may have.
type Option struct {
	Value string
	Words string
}

// Group gathers rules for people.
type Group string

// The groups, in the order they are shown in.
const (
	TheDay       Group = "The school day"
	Exceptions   Group = "Exceptions"
	Confiscation Group = "Confiscation and search"
	Adults       Group = "Staff and visitors"
	Devices      Group = "School devices and accounts"
	Safeguarding Group = "Safeguarding and reporting"
	Governance   Group = "Review and records"
)

// Groups are all groups in order.
var Groups = []Group{TheDay, Exceptions, Confiscation, Adults, Devices, Safeguarding, Governance}

// Value is the rule's value in its text form.
func (k Key) Value(r Rules) string { return k.get(r) }

// Set gives the rule another value. Errors: invalid, at the key's name.
func (k Key) Set(r *Rules, text string) error { return k.set(r, strings.TrimSpace(text)) }

// Words is the rule's value for people.
func (k Key) Words(r Rules) string { return k.words(k.get(r)) }

// Others are values the rule could have instead: every other option, or a few of
// the many that a number or a text could be.
func (k Key) Others(r Rules) []string {
	var list []string
	for _, o := range k.Options {
		list = append(list, o.Value)
	}
	now := k.get(r)
	return slices.DeleteFunc(append(list, k.tries...), func(v string) bool { return v == now })
}

// Find gives the key of a name.
func Find(name string) (Key, bool) {
	i := slices.IndexFunc(Keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return Keys[i], true
}

// guarded marks a key whose loosening takes a second person. Its options stand
// with the strictest first.
func (k Key) guarded() Key {
	k.Guarded = true
	return k
}

// nought gives the number 0 words of its own.
func (k Key) nought(words string) Key {
	others := k.words
	k.words = func(text string) string {
		if text == "0" {
			return words
		}
		return others(text)
	}
	return k
}

// choice is a rule with a closed list of values, each with its words.
func choice[T ~string](g Group, name, title string, at func(*Rules) *T, pairs ...string) Key {
	k := Key{Name: name, Group: g, Title: title}
	for pair := range slices.Chunk(pairs, 2) {
		k.Options = append(k.Options, Option{pair[0], pair[1]})
	}
	k.get = func(r Rules) string { return string(*at(&r)) }
	k.words = func(text string) string { return wordsOf(k.Options, text) }
	k.set = func(r *Rules, text string) error {
		if !offered(k.Options, text) {
			return unknown(name, text, k.Options)
		}
		*at(r) = T(text)
		return nil
	}
	return k
}

// yesNo is a rule that holds or does not.
func yesNo(g Group, name, title string, at func(*Rules) *bool, yes, no string) Key {
	k := Key{Name: name, Group: g, Title: title, Options: []Option{{"true", yes}, {"false", no}}}
	k.get = func(r Rules) string { return strconv.FormatBool(*at(&r)) }
	k.words = func(text string) string { return wordsOf(k.Options, text) }
	k.set = func(r *Rules, text string) error {
		if !offered(k.Options, text) {
			return unknown(name, text, k.Options)
		}
		*at(r) = text == "true"
		return nil
	}
	return k
}

// several is a rule with a list out of a closed one, in the order of the latter.
func several(g Group, name, title string, at func(*Rules) *[]Hears) Key {
	k := Key{Name: name, Group: g, Title: title, Many: true, Options: hearers}
	k.get = func(r Rules) string {
		list := make([]string, 0, len(*at(&r)))
		for _, h := range *at(&r) {
			list = append(list, string(h))
		}
		return strings.Join(list, "\n")
	}
	k.words = func(text string) string {
		var list []string
		for _, v := range items(text) {
			list = append(list, wordsOf(k.Options, v))
		}
		return upper(sentence(list))
	}
	k.set = func(r *Rules, text string) error {
		given := items(text)
		for _, v := range given {
			if !offered(k.Options, v) {
				return unknown(name, v, k.Options)
			}
		}
		if len(given) == 0 {
			return errs.At(name, "Somebody must be told.", "Name at least one.")
		}
		var list []Hears
		for _, o := range k.Options {
			if slices.Contains(given, o.Value) {
				list = append(list, Hears(o.Value))
			}
		}
		*at(r) = list
		return nil
	}
	return k
}

// number is a rule with a whole number of units from least to most.
func number(g Group, name, title, unit string, least, most int, at func(*Rules) *int) Key {
	k := Key{Name: name, Group: g, Title: title, tries: []string{strconv.Itoa(least), strconv.Itoa(most)}}
	k.get = func(r Rules) string { return strconv.Itoa(*at(&r)) }
	k.words = func(text string) string {
		if text == "1" {
			return "1 " + strings.TrimSuffix(unit, "s")
		}
		return strings.TrimSpace(text + " " + unit)
	}
	k.set = func(r *Rules, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most || strconv.Itoa(n) != text {
			return errs.At(name, fmt.Sprintf("%.40q is not a whole number from %d to %d.", text, least, most), "Correct it.")
		}
		*at(r) = n
		return nil
	}
	return k
}

const (
	maxQuote = 120 // characters of a quotation
	maxItems = 30  // of a list
)

// quote is a rule in the school's own words.
func quote(g Group, name, title string, at func(*Rules) *string, tries ...string) Key {
	k := Key{Name: name, Group: g, Title: title, tries: tries}
	k.get = func(r Rules) string { return *at(&r) }
	k.words = func(text string) string { return "“" + text + "”" }
	k.set = func(r *Rules, text string) error {
		if err := checkQuote(name, text); err != nil {
			return err
		}
		*at(r) = text
		return nil
	}
	return k
}

// list is a rule with a list that each school makes for itself.
func list(g Group, name, title, none string, at func(*Rules) *[]string, check func(name, item string) error, tries ...string) Key {
	k := Key{Name: name, Group: g, Title: title, Many: true, tries: tries}
	k.get = func(r Rules) string { return strings.Join(*at(&r), "\n") }
	k.words = func(text string) string {
		if text == "" {
			return none
		}
		return sentence(items(text))
	}
	k.set = func(r *Rules, text string) error {
		given := items(text)
		if len(given) > maxItems {
			return errs.At(name, fmt.Sprintf("There are more than %d in the list.", maxItems), "Shorten it.")
		}
		for _, v := range given {
			if err := check(name, v); err != nil {
				return err
			}
		}
		*at(r) = given
		return nil
	}
	return k
}

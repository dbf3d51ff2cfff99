package apple

import (
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

func settingWords(s mdm.Setting) string { return change.SettingWords(s) }

// pathNames are what people call the ways under management.
var pathNames = map[enrol.Path]string{
	enrol.Automated:    "Apple School Manager",
	enrol.Configurator: "Apple Configurator",
	enrol.Plain:        "A profile only",
}

func pathName(p enrol.Path) string { return pathNames[p] }

// settingList names settings in a sentence.
func settingList(list []mdm.Setting) string {
	var words []string
	for _, s := range list {
		words = append(words, settingWords(s))
	}
	return strings.Join(words, ", ")
}

// tag is a word with a colour.
type tag struct{ Text, Color string }

var (
	tagDone    = tag{"Done", "green"}
	tagTodo    = tag{"To do", "grey"}
	tagLook    = tag{"Look at it", "yellow"}
	tagWrong   = tag{"Wrong", "red"}
	tagNotThis = tag{"Not your way", "grey"}
)

// verdicts are what a check comes to.
var verdicts = map[enrol.Verdict]tag{enrol.Good: {"Right", "green"}, enrol.Doubtful: tagLook, enrol.Bad: tagWrong}

// some are the first names of a list, in words.
func some(names []string) string {
	const most = 8
	slices.Sort(names)
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and more"
}

package apple

import (
	"cmp"
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
	tagSettled = tag{"As it must be", "green"}
	tagOpen    = tag{"Not yet as it must be", "yellow"}
	tagNotThis = tag{"Not your way", "grey"}
)

// outcomes are how a setting stands that is not as it must be.
var outcomes = map[mdm.State]string{
	mdm.Updating:   "being set",
	mdm.Overridden: "changed on the iPad",
	mdm.Invalid:    "not understood",
	mdm.Failure:    "not done",
	mdm.UserAction: "waits for its user",
	mdm.Assumed:    "asked for, not confirmed",
}

// openWords says what is not as it must be; settings with one reason are named together.
func openWords(d Device) string {
	if len(d.Open) == 0 {
		what := "It has not reported yet."
		if !d.Reported.IsZero() {
			what = "It has not said yet whether it is as it must be now."
		}
		return what + " If that lasts: is it awake, and in a Wi-Fi that lets it reach Apple and this gateway?"
	}
	var reasons []string
	about := map[string][]mdm.Setting{}
	for _, o := range d.Open {
		why := cmp.Or(outcomes[o.Outcome.State], string(o.Outcome.State))
		if o.Outcome.Detail != "" {
			why += ": " + o.Outcome.Detail
		}
		if about[why] == nil {
			reasons = append(reasons, why)
		}
		about[why] = append(about[why], o.Setting)
	}
	var words []string
	for _, why := range reasons {
		words = append(words, settingList(about[why])+" ("+why+")")
	}
	return "Still open: " + strings.Join(words, "; ") + "."
}

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

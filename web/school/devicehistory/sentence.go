package devicehistory

import (
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
)

// answer is what is known of one setting of a device in a while, in words.
type answer struct {
	Setting string
	Says    string // what it reported, and when it did not
	Had     string // what it had to be
	Sum     sums
	Verdict string // in a few words
}

// sums are for how long what is known. Kept and Broke are by the device's own
// report; Waited is what it took to answer a bell.
type sums struct{ Kept, Waited, Broke, Unknown time.Duration }

func sum(spans []history.Span) (s sums) {
	for _, p := range spans {
		d := p.Until.Sub(p.From)
		switch {
		case p.Kept():
			s.Kept += d
		case p.Broke():
			s.Broke += d
		case p.Waits():
			s.Waited += d
		default:
			s.Unknown += d
		}
	}
	return s
}

func (s sums) word() string {
	switch {
	case s.Broke > 0:
		return "Not as it must be at times"
	case s.Kept > 0 && s.Waited > mdm.Grace:
		return "As it must be, after answering late"
	case s.Kept > 0 && s.Unknown > 0:
		return "As it must be, where it is known"
	case s.Kept > 0:
		return "As it must be, all the time"
	case s.Waited > s.Unknown:
		return "Never answered"
	}
	return "Not known"
}

// whole reports whether all is known, and was as it had to be.
func (s sums) whole() bool {
	return s.Kept > 0 && s.Broke == 0 && s.Unknown == 0 && s.Waited <= mdm.Grace
}

// run is one value by the device's own report, with the whiles in between in which
// it did not say.
type run struct {
	value       mdm.Value
	from, until time.Time
	holes       []history.Span
}

// runs gathers what was reported, and what nobody knows before and after it.
func runs(spans []history.Span) (before []history.Span, list []run, after []history.Span) {
	for _, s := range spans {
		switch n := len(list) - 1; {
		case s.Knowing != history.Reported && n < 0:
			before = append(before, s)
		case s.Knowing != history.Reported:
			after = append(after, s)
		case n >= 0 && list[n].value == s.Value:
			list[n].holes = append(list[n].holes, after...)
			list[n].until, after = s.Until, nil
		default:
			if n >= 0 {
				list[n].holes = append(list[n].holes, after...)
			}
			list, after = append(list, run{value: s.Value, from: s.From, until: s.Until}), nil
		}
	}
	return before, list, after
}

// brief is how long something may be at the beginning to be said last.
const brief = time.Minute

// instant is what something must last to be told, unless it was wrong.
const instant = time.Second

// lasting leaves out what was over at once: a device that is told something new and
// something else right after it, a link that came back. What was wrong stays.
func lasting(spans []history.Span) []history.Span {
	list := slices.DeleteFunc(slices.Clone(spans), func(s history.Span) bool { return s.Until.Sub(s.From) < instant && !s.Broke() })
	if len(list) == 0 {
		return spans
	}
	return list
}

// sentence says how a setting was. Every time is the server's.
func sentence(setting mdm.Setting, spans []history.Span, zone *time.Location) string {
	before, list, after := runs(spans)
	if len(list) == 0 {
		return unreported(setting, before, zone)
	}
	t := teller{setting, zone}
	var parts []string
	first := ""
	if len(list) > 1 && len(before) == 0 && list[0].until.Sub(list[0].from) < brief {
		first = "For the first " + took(list[1].from.Sub(list[0].from)) + " it was " + change.StateWords(setting, list[0].value) + "."
		list = list[1:]
	}
	for i, r := range list {
		text := "then " + change.StateWords(setting, r.value)
		if i == 0 {
			text = subject(setting) + " " + change.StateWords(setting, r.value)
		}
		parts = append(parts, text+t.while(r)+t.holes(r))
	}
	text := strings.Join(parts, "; ") + ". This is by the device's own report."
	if len(after) > 0 {
		text += " " + t.rest(after, list[len(list)-1].value)
	}
	if len(before) > 0 {
		text += " Until " + t.clock(list[0].from) + " it is not known: " + t.why(before[len(before)-1]) + "."
	}
	if first != "" {
		text += " " + first
	}
	return text
}

type teller struct {
	setting mdm.Setting
	zone    *time.Location
}

func (t teller) clock(at time.Time) string { return at.In(t.zone).Format("15:04:05") }

// while says when something was reported.
func (t teller) while(r run) string {
	if r.until.Sub(r.from) < instant {
		return " for under 1 s at " + t.clock(r.from)
	}
	return " from " + t.clock(r.from) + " to " + t.clock(r.until)
}

// holes says when a device did not tell, in a run that had the same value after.
func (t teller) holes(r run) string {
	text := ""
	for i, h := range r.holes {
		if i == 0 || h.Knowing != r.holes[i-1].Knowing {
			text += ", " + t.why(h)
		} else {
			text += " and"
		}
		text += " " + t.clock(h.From) + " to " + t.clock(h.Until)
	}
	if n := len(r.holes); n > 0 && !r.holes[n-1].Until.After(r.until) {
		text += ", then still " + change.StateWords(t.setting, r.value)
	}
	return text
}

func (t teller) rest(after []history.Span, v mdm.Value) string {
	first, last := after[0], after[len(after)-1]
	return "From " + t.clock(first.From) + " to " + t.clock(last.Until) + " it is not known: " + t.why(first) + ". It had said last: " + change.StateWords(t.setting, v) + "."
}

// why says why something is not known.
func (t teller) why(s history.Span) string {
	switch s.Knowing {
	case history.Away:
		return "offline"
	case history.Assumed:
		return "asked for, and the device cannot say"
	case history.Lacking:
		return "the device has no such setting"
	case history.Silent:
		return "the device did not say"
	case history.Crowded:
		return "the device said more than could be kept"
	}
	return "the server did not watch"
}

// unreported is for a while without any report.
func unreported(setting mdm.Setting, spans []history.Span, zone *time.Location) string {
	if len(spans) == 0 {
		return "Nothing is known of this time yet."
	}
	t := teller{setting, zone}
	var parts []string
	for i, s := range spans {
		if i > 0 && s.Knowing == spans[i-1].Knowing && s.Value == spans[i-1].Value {
			continue
		}
		text := t.why(s)
		switch s.Knowing {
		case history.Away:
			text = "the device was offline; it had said last: " + change.StateWords(setting, s.Value)
		case history.Assumed:
			text = "it was told to be " + change.StateWords(setting, s.Want) + ", which is assumed and not confirmed, for the device cannot say"
		case history.Lacking:
			if s.Detail != "" {
				text += " (" + s.Detail + ")"
			}
		}
		if len(spans) > 1 {
			text = "from " + t.clock(s.From) + " " + text
		}
		parts = append(parts, text)
	}
	return "Not known: " + strings.Join(parts, "; ") + "."
}

// had says what a setting had to be.
func had(setting mdm.Setting, spans []history.Span, zone *time.Location) string {
	var parts []string
	for i := 0; i < len(spans); {
		s, j := spans[i], i
		for j+1 < len(spans) && spans[j+1].Want == s.Want {
			j++
		}
		if s.Want != "" {
			parts = append(parts, change.StateWords(setting, s.Want)+" from "+s.From.In(zone).Format("15:04:05")+" to "+spans[j].Until.In(zone).Format("15:04:05"))
		}
		i = j + 1
	}
	if len(parts) == 0 {
		return "Nothing was asked of it."
	}
	return "It had to be " + strings.Join(parts, ", then ") + "."
}

func tell(setting mdm.Setting, spans []history.Span, zone *time.Location) answer {
	s := sum(spans)
	spans = lasting(spans)
	return answer{Setting: change.SettingWords(setting), Says: sentence(setting, spans, zone), Had: had(setting, spans, zone), Sum: s, Verdict: s.word()}
}

package history

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// The kinds of line.
const (
	lineOpen  = "open"
	lineBeat  = "beat"
	lineClose = "close"
	lineLost  = "lost"
	lineSet   = "set"
	lineSay   = "say"
	lineDev   = "dev"
	lineGone  = "gone"
)

// line is any line of a day's file.
type line struct {
	Kind string    `json:"k"`
	V    int       `json:"v,omitempty"` // of open
	At   time.Time `json:"at,omitzero"`

	N   int     `json:"n,omitempty"`
	Set mdm.Set `json:"set,omitempty"`
	Say said    `json:"say,omitempty"`

	Dev     string      `json:"dev,omitempty"`
	Groups  []string    `json:"groups,omitempty"` // nil: as before
	Rev     uint64      `json:"rev,omitempty"`
	Mode    mdm.Mode    `json:"mode,omitempty"`
	Want    int         `json:"want,omitempty"`
	Up      bool        `json:"up,omitempty"`
	Since   time.Time   `json:"since,omitzero"` // of Up; zero when it never was seen
	Verdict mdm.Verdict `json:"verdict,omitempty"`
	Of      time.Time   `json:"of,omitzero"` // since when that is the verdict
	Said    int         `json:"said,omitempty"`
	For     uint64      `json:"for,omitempty"` // revision its report is about
	TS      time.Time   `json:"ts,omitzero"`   // of its report, by its own clock
	Fresh   bool        `json:"fresh,omitempty"`
	Heard   time.Time   `json:"heard,omitzero"`
	Note    string      `json:"note,omitempty"`
	Cut     bool        `json:"cut,omitempty"` // more of it is not kept until the next bell
}

// said is what a device reports, setting by setting.
type said = map[mdm.Setting]mdm.Outcome

// mark is what makes a device's line another than the one before.
type mark struct {
	rev     uint64
	until   time.Time // of the stage wanted
	link    mdm.Link
	verdict mdm.Verdict
	said    *mdm.Reported
	event   *shadow.Happened
	groups  string
	stale   bool // the line may never have reached the disk, or not count any more
}

func markOf(r shadow.Row) mark {
	return mark{rev: r.Rev, until: r.Want.Until, link: r.Link, verdict: r.Verdict, said: r.Said, event: r.Event, groups: strings.Join(r.Device.Groups, " ")}
}

// change is a device as it was from a moment on.
type change struct {
	at    time.Time
	row   shadow.Row
	fresh bool // it has reported since it came online
	cut   bool
	note  string
}

// note says what happened on a device beside its report.
func note(r shadow.Row, before mark) string {
	switch {
	case r.Event != before.event && r.Event != nil:
		return mdm.Cut(r.Event.Kind + " " + r.Event.Detail)
	case r.Verdict == mdm.Rejected && before.verdict != mdm.Rejected && r.Refusal != nil:
		return mdm.Cut("refused: " + r.Refusal.Reason)
	}
	return ""
}

// words numbers sets and reports of one file, so that each is written once.
type words struct {
	known map[string]int
	last  int    // number given; it is never given again
	lines []byte // of those that are new, before the line that needs them
	key   []byte // of the last asked for: a thousand devices are asked for at every bell
}

// forget makes every set and report be written again before it is called by a
// number: those that were may never have reached the disk.
func (w *words) forget() { w.known = map[string]int{} }

func (w *words) set(s mdm.Set) (int, error) {
	w.key = append(w.key[:0], lineSet...)
	for _, name := range slices.Sorted(maps.Keys(s)) {
		w.add("\n", string(name), " ", string(s[name]))
	}
	return w.number(line{Kind: lineSet, Set: s})
}

func (w *words) say(s said) (int, error) {
	w.key = append(w.key[:0], lineSay...)
	for _, name := range slices.Sorted(maps.Keys(s)) {
		o := s[name]
		w.add("\n", string(name), " ", string(o.State), " ", string(o.Value), " ", o.Detail)
	}
	return w.number(line{Kind: lineSay, Say: s})
}

// add makes the key longer.
func (w *words) add(parts ...string) {
	for _, p := range parts {
		w.key = append(w.key, p...)
	}
}

// number is that of the line whose key was made last.
func (w *words) number(l line) (int, error) {
	if n := w.known[string(w.key)]; n > 0 {
		return n, nil
	}
	w.last++
	l.N = w.last
	w.known[string(w.key)] = l.N
	b, err := json.Marshal(l)
	w.lines = append(append(w.lines, b...), '\n')
	return l.N, err
}

// bounded is the part of a report that is kept.
func bounded(s said) said {
	known, kept := mdm.Unmanaged(), said{}
	for name, o := range s {
		if _, ok := known[name]; ok {
			o.Detail = strings.ToValidUTF8(o.Detail[:min(len(o.Detail), mostDetail)], "")
			kept[name] = o
		}
	}
	return kept
}

// encode is a change as lines, the words it needs first.
func (w *words) encode(c change, groups []string) ([]byte, error) {
	r := c.row
	l := line{Kind: lineDev, At: c.at, Dev: r.Device.ID, Groups: groups, Rev: r.Rev, Mode: r.Want.Mode, Up: r.Link.Online, Since: r.Link.Since,
		Verdict: r.Verdict, Of: r.Compliance.Since, Fresh: c.fresh, Heard: r.Heard, Note: c.note, Cut: c.cut}
	var err error
	w.lines = nil
	if l.Want, err = w.set(r.Want.Set); err != nil {
		return nil, err
	}
	if r.Said != nil && !c.cut {
		l.For, l.TS = r.Said.Rev, r.Said.TS
		if l.Said, err = w.say(bounded(r.Said.Set)); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(l)
	return append(slices.Concat(w.lines, b), '\n'), err
}

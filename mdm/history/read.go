package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
)

// Proof is how sure it is that what is told is what was written.
type Proof int

// The proofs.
const (
	Proved   Proof = iota // it hashes to what the ledger says
	Unsigned              // no bell covers all of it yet
	Damaged               // it does not: something was changed, added or left out
)

// Entry is one device as it was from a moment on.
type Entry struct {
	At      time.Time
	Device  string
	Groups  []string
	Rev     uint64
	Mode    mdm.Mode
	Want    mdm.Set
	Up      bool
	Since   time.Time // of Up; zero when it never was seen
	Verdict mdm.Verdict
	Said    map[mdm.Setting]mdm.Outcome // its last report; nil for none
	For     uint64                      // revision that is about
	TS      time.Time                   // when it was made, by the device's clock
	Fresh   bool                        // since it came online
	Note    string
	Cut     bool // until the next entry more happened than was kept
	Gone    bool // it is managed no longer
}

// Gap is a time in which nobody watched.
type Gap struct {
	From, Until time.Time

	after int // entries before it
}

// Day is what was kept of a day.
type Day struct {
	Date    school.Date
	Bells   []Bell
	Entries []Entry   // in the order they were written
	Gaps    []Gap     // between them
	Began   time.Time // from when on it was watched
	Last    time.Time // until when
	Damaged []Bell    // those whose hash does not fit
	Tail    bool      // there are lines no bell covers yet

	of map[string][]int // places in Entries, by device
}

// Read gives a day. Errors: not found when it is kept no longer or never was,
// unavailable.
func (s *Store) Read(day school.Date) (*Day, error) {
	data, err := load(s.Dir, day)
	if err != nil {
		return nil, err
	}
	return replay(day, data, s.Book.Of(day)), nil
}

// replay verifies a day's bytes against the ledger and reads them.
func replay(day school.Date, data []byte, bells []Bell) *Day {
	r := reader{Day: &Day{Date: day, Bells: bells, of: map[string][]int{}}, sets: map[int]mdm.Set{}, says: map[int]said{}, groups: map[string][]string{}}
	r.verify(data)
	for at := int64(0); at < int64(len(data)); {
		text, _, _ := bytes.Cut(data[at:], []byte{'\n'})
		r.line(text)
		at += int64(len(text)) + 1
	}
	return r.Day
}

// For is the day to somebody: each entry as shown gives it, or without it. first is
// whether it is the first of its device on this day.
func (d *Day) For(shown func(e Entry, first bool) (Entry, bool)) *Day {
	out := *d
	out.Entries, out.Gaps, out.of = nil, slices.Clone(d.Gaps), map[string][]int{}
	for n, e := range d.Entries {
		for i, g := range d.Gaps {
			if g.after == n {
				out.Gaps[i].after = len(out.Entries)
			}
		}
		if e, ok := shown(e, len(out.of[e.Device]) == 0); ok {
			out.of[e.Device] = append(out.of[e.Device], len(out.Entries))
			out.Entries = append(out.Entries, e)
		}
	}
	for i, g := range d.Gaps {
		if g.after == len(d.Entries) {
			out.Gaps[i].after = len(out.Entries)
		}
	}
	return &out
}

// Proof tells how sure everything is that is told of a day until a moment. A device
// is as its last line says, so all lines before count.
func (d *Day) Proof(until time.Time) Proof {
	var covered time.Time
	for i, b := range d.Bells {
		began := time.Time{}
		if i > 0 {
			began = d.Bells[i-1].At
		}
		if slices.ContainsFunc(d.Damaged, func(bad Bell) bool { return bad.Seq == b.Seq }) && began.Before(until) {
			return Damaged
		}
		covered = b.At
	}
	if d.Tail && covered.Before(until) {
		return Unsigned
	}
	return Proved
}

// Covering are the bells whose hashes prove what is told between two moments.
func (d *Day) Covering(from, until time.Time) []Bell {
	var list []Bell
	for i, b := range d.Bells {
		if b.At.After(from) && (i == 0 || d.Bells[i-1].At.Before(until)) {
			list = append(list, b)
		}
	}
	return list
}

// reader is a day being read.
type reader struct {
	*Day
	sets   map[int]mdm.Set
	says   map[int]said
	groups map[string][]string
	shut   bool // nobody watches since Last
}

func (r *reader) verify(data []byte) {
	var end int64
	for _, b := range r.Bells {
		sound := b.From+b.Size <= int64(len(data))
		if sound {
			sum := sha256.Sum256(data[b.From : b.From+b.Size])
			sound = hex.EncodeToString(sum[:]) == b.Hash
		}
		if !sound {
			r.Damaged = append(r.Damaged, b)
		}
		end = max(end, b.From+b.Size)
	}
	r.Tail = end < int64(len(data))
}

func (r *reader) line(text []byte) {
	before := len(r.Entries)
	var l line
	if len(text) > maxLine || json.Unmarshal(text, &l) != nil {
		r.shut = true // torn, or damaged: what follows it is not known until the next line with a time
		return
	}
	switch l.Kind {
	case lineSet:
		r.sets[l.N] = l.Set
		return
	case lineSay:
		r.says[l.N] = l.Say
		return
	case lineOpen:
		r.sets, r.says, r.shut = map[int]mdm.Set{}, map[int]said{}, true
		if r.Began.IsZero() {
			r.Began, r.Last = l.At, l.At
		}
	case lineLost:
		r.shut = true
	case lineDev, lineGone:
		r.of[l.Dev] = append(r.of[l.Dev], len(r.Entries))
		r.Entries = append(r.Entries, r.entry(l))
	}
	if r.shut && (l.At.After(r.Last) || l.Kind == lineLost) {
		r.Gaps = append(r.Gaps, Gap{r.Last, later(l.At, r.Last), before})
	}
	r.shut = l.Kind == lineClose
	if l.At.After(r.Last) {
		r.Last = l.At
	}
}

func (r *reader) entry(l line) Entry {
	if l.Groups != nil {
		r.groups[l.Dev] = l.Groups
	}
	want, there := r.sets[l.Want]
	said, heard := r.says[l.Said]
	missing := l.Want > 0 && !there || l.Said > 0 && !heard // not silence: what it said is not there any more
	return Entry{At: l.At, Device: l.Dev, Groups: r.groups[l.Dev], Rev: l.Rev, Mode: l.Mode, Want: want, Up: l.Up, Since: l.Since, Verdict: l.Verdict,
		Said: said, For: l.For, TS: l.TS, Fresh: l.Fresh, Note: l.Note, Cut: l.Cut || missing, Gone: l.Kind == lineGone}
}

// Devices are the devices of a group, or all of them where group is "".
func (d *Day) Devices(group string) []string {
	var list []string
	seen := map[string]bool{}
	for _, e := range d.Entries {
		if !seen[e.Device] && (group == "" || slices.Contains(e.Groups, group)) {
			seen[e.Device] = true
			list = append(list, e.Device)
		}
	}
	slices.SortFunc(list, mdm.CompareIDs)
	return list
}

// Lines are a device's lines of a while, after the one that held when it began.
func (d *Day) Lines(device string, from, until time.Time) []Entry {
	var list []Entry
	for _, i := range d.of[device] {
		switch e := d.Entries[i]; {
		case !e.At.After(from):
			list = []Entry{e}
		case e.At.Before(until):
			list = append(list, e)
		}
	}
	return list
}

// Groups are all groups that devices were in.
func (d *Day) Groups() []string {
	var list []string
	for _, e := range d.Entries {
		list = append(list, e.Groups...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

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

// Proof is how sure a line is.
type Proof int

// The proofs.
const (
	Proved   Proof = iota // it hashes to what the ledger says
	Unsigned              // no bell covers it yet
	Damaged               // it does not: it was changed, or something was added or left out
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
	Proof   Proof
}

// Gap is a time in which nobody watched.
type Gap struct{ From, Until time.Time }

// Day is what was kept of a day.
type Day struct {
	Date    school.Date
	Bells   []Bell
	Entries []Entry   // in the order they were written
	Gaps    []Gap     // between them
	Began   time.Time // from when on it was watched
	Last    time.Time // until when
	Damaged []string  // names of bells whose hash does not fit; "" for the day's end
	Tail    bool      // there are lines no bell covers yet
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
	r := reader{Day: &Day{Date: day, Bells: bells}, sets: map[int]mdm.Set{}, says: map[int]said{}, groups: map[string][]string{}}
	r.verify(data)
	for at := int64(0); at < int64(len(data)); {
		text, _, _ := bytes.Cut(data[at:], []byte{'\n'})
		r.line(text, at)
		at += int64(len(text)) + 1
	}
	return r.Day
}

// reader is a day being read.
type reader struct {
	*Day
	sound  []bool // of each bell
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
		r.sound = append(r.sound, sound)
		if !sound {
			r.Damaged = append(r.Damaged, b.Bell)
		}
		end = max(end, b.From+b.Size)
	}
	r.Tail = end < int64(len(data))
}

// proof is how sure the line at an offset is.
func (r *reader) proof(offset int64) Proof {
	for i, b := range r.Bells {
		if offset >= b.From && offset < b.From+b.Size {
			if r.sound[i] {
				return Proved
			}
			return Damaged
		}
	}
	return Unsigned
}

func (r *reader) line(text []byte, offset int64) {
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
		r.Entries = append(r.Entries, r.entry(l, r.proof(offset)))
	}
	if r.shut && l.At.After(r.Last) {
		r.Gaps = append(r.Gaps, Gap{r.Last, l.At})
	}
	r.shut = l.Kind == lineClose
	if l.At.After(r.Last) {
		r.Last = l.At
	}
}

func (r *reader) entry(l line, p Proof) Entry {
	if l.Groups != nil {
		r.groups[l.Dev] = l.Groups
	}
	return Entry{At: l.At, Device: l.Dev, Groups: r.groups[l.Dev], Rev: l.Rev, Mode: l.Mode, Want: r.sets[l.Want], Up: l.Up, Since: l.Since, Verdict: l.Verdict,
		Said: r.says[l.Said], For: l.For, TS: l.TS, Fresh: l.Fresh, Note: l.Note, Cut: l.Cut, Gone: l.Kind == lineGone, Proof: p}
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

// Groups are all groups that devices were in.
func (d *Day) Groups() []string {
	var list []string
	for _, e := range d.Entries {
		list = append(list, e.Groups...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

package history

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// The kinds of the book's records.
const (
	KindBell   = "device-bell"        // see Bell
	KindMissed = "device-bell-missed" // see Missed
)

// Bell is one bell as the ledger has it: how the devices stood a minute later, and
// the hash of what was kept since the record before. The last of a day has no name.
type Bell struct {
	Day     string              `json:"day"`            // 2026-11-23
	Bell    string              `json:"bell,omitempty"` // the period's name
	Mode    mdm.Mode            `json:"mode,omitempty"`
	Rang    time.Time           `json:"rang,omitzero"`
	From    int64               `json:"from"` // bytes of the day's file before those hashed
	Size    int64               `json:"size"` // bytes hashed
	Hash    string              `json:"hash"` // SHA-256, hexadecimal
	Devices int                 `json:"devices"`
	Counts  map[mdm.Verdict]int `json:"counts,omitempty"`

	Seq    uint64    `json:"-"` // on the school's ledger
	At     time.Time `json:"-"` // when it was recorded
	Missed *Missed   `json:"-"` // nil when it took
}

// Missed says that a bell did not take: more than LatePercent of the devices had
// not answered, or more than half of a group had not or were not as they must be, or
// in an exam any was not.
type Missed struct {
	Day       string    `json:"day"`
	Bell      string    `json:"bell,omitempty"`
	Rang      time.Time `json:"rang"`
	Late      int       `json:"late"`
	Devices   int       `json:"devices"`
	Violating []string  `json:"violating,omitempty"` // in an exam; at most mostNamed of them
	More      int       `json:"more,omitempty"`      // further ones

	Groups []Group `json:"groups,omitempty"` // in which some were late or violating, the worst first; at most mostNamed
}

// Group is how a group of devices stood after a bell. A device may be in several.
type Group struct {
	ID        string `json:"id"`
	Late      int    `json:"late,omitempty"`
	Violating int    `json:"violating,omitempty"`
	Of        int    `json:"of"`
}

// bad is how many of a group are not as they must be.
func (g Group) bad() int { return g.Late + g.Violating }

// missed reports whether the bell did not take in the group: more than half of
// several devices.
func (g Group) missed() bool { return g.Of >= leastGroup && 2*g.bad() > g.Of }

// ID tells a bell that did not take from all others.
func (m Missed) ID() string { return "bell-" + m.Rang.UTC().Format("20060102-1504") }

// Book is every bell on the ledger. It is safe for concurrent use.
type Book struct {
	log   ledger.Appender
	stamp func() ledger.Stamp

	command sync.Mutex // one command at a time
	mu      sync.RWMutex
	bells   []Bell
}

// NewBook makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func NewBook(log ledger.Appender, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, stamp: stamp}
}

// Settle waits for a command that is running.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Fold takes in one record of the school's ledger and passes over kinds that are not
// the book's. Errors: invalid.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindBell:
		bell := Bell{Seq: r.Seq, At: r.Stamp.Wall}
		if err := json.Unmarshal(r.Body, &bell); err != nil || bell.From < 0 || bell.Size < 0 {
			return ledger.Unreadable(r, err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.bells = append(b.bells, bell)
	case KindMissed:
		var m Missed
		if err := json.Unmarshal(r.Body, &m); err != nil {
			return ledger.Unreadable(r, err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for i := range slices.Backward(b.bells) {
			if bell := &b.bells[i]; bell.Day == m.Day && bell.Bell == m.Bell {
				bell.Missed = &m
				break
			}
		}
	}
	return nil
}

// Of are the bells of a day, in the order they were recorded.
func (b *Book) Of(day school.Date) []Bell {
	date := day.String()
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Bell
	for _, bell := range slices.Backward(b.bells) { // most ask for today
		if bell.Day == date {
			list = append(list, bell)
		} else if len(list) > 0 && bell.Day < date {
			break
		}
	}
	slices.Reverse(list)
	return list
}

// Last is the newest bell.
func (b *Book) Last() (Bell, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.bells) == 0 {
		return Bell{}, false
	}
	return b.bells[len(b.bells)-1], true
}

// record puts a bell on the ledger, and that it did not take if so.
func (b *Book) record(ctx context.Context, bell Bell, missed *Missed) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.stamp()
	e, err := ledger.NewEntry(KindBell, stamp, bell)
	if err != nil {
		return err
	}
	entries := []ledger.Entry{e}
	if missed != nil {
		if e, err = ledger.NewEntry(KindMissed, stamp, missed); err != nil {
			return err
		}
		entries = append(entries, e)
	}
	return ledger.Commit(ctx, b.log, b.Fold, entries...)
}

// judge tells whether a bell took, by how the devices and their groups stood a minute
// later.
func (b Bell) judge(violating []string, groups []Group) *Missed {
	if b.Bell == "" {
		return nil // the day's end
	}
	m := Missed{Day: b.Day, Bell: b.Bell, Rang: b.Rang, Late: b.Counts[mdm.Late] + b.Counts[mdm.Rejected], Devices: b.Devices}
	if b.Mode == Exam {
		m.Violating = violating[:min(len(violating), mostNamed)]
		m.More = len(violating) - len(m.Violating)
	}
	if m.Late*100 <= b.Devices*LatePercent && len(m.Violating) == 0 && !slices.ContainsFunc(groups, Group.missed) {
		return nil
	}
	m.Groups = slices.DeleteFunc(groups, func(g Group) bool { return g.bad() == 0 })
	slices.SortStableFunc(m.Groups, func(a, c Group) int { return cmp.Or(c.bad()-a.bad(), strings.Compare(a.ID, c.ID)) })
	m.Groups = m.Groups[:min(len(m.Groups), mostNamed)]
	return &m
}

// tally is how groups of devices stand.
type tally []Group

// add counts a device in each of its groups.
func (t *tally) add(r shadow.Row) {
	for _, id := range r.Device.Groups {
		n := slices.IndexFunc(*t, func(g Group) bool { return g.ID == id })
		if n < 0 {
			n, *t = len(*t), append(*t, Group{ID: id})
		}
		g := &(*t)[n]
		g.Of++
		switch r.Verdict {
		case mdm.Late, mdm.Rejected:
			g.Late++
		case mdm.Violating:
			g.Violating++
		}
	}
}

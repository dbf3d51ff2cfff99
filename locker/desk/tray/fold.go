package tray

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The kinds of the book's records.
const (
	KindTaken    = "tray-taken"
	KindTicked   = "tray-ticked"
	KindLocked   = "tray-locked"
	KindFetched  = "tray-fetched"
	KindOffered  = "tray-offered"
	KindAccepted = "tray-accepted"
	KindClosed   = "tray-closed"

	KindDoorAsked = "tray-door-asked"
	KindOutAsked  = "tray-out-asked"
	KindHandedOut = "tray-handed-out" // to a bank: its record named by reference
	KindTakenIn   = "tray-taken-in"   // from a bank
)

// body is the body of all the book's records. Which fields are set depends on the
// kind.
type body struct {
	By     string      `json:"by"`
	Person string      `json:"person"`
	Tray   string      `json:"tray"`
	Form   string      `json:"form,omitempty"`
	Day    string      `json:"day,omitempty"`
	Ticks  []Tick      `json:"ticks,omitempty"`
	Place  *desk.Place `json:"place,omitempty"`
	Count  Count       `json:"count,omitempty"`
	Asked  int         `json:"asked,omitempty"` // pupils with nothing ticked who were asked
	From   string      `json:"from,omitempty"`  // person who had it
	Left   []Left      `json:"left,omitempty"`

	Ref  *desk.Ref `json:"ref,omitempty"`
	Door int       `json:"at_door,omitempty"`
	At   time.Time `json:"at,omitzero"` // by the bank's clock
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid.
func (b *Book) Fold(r ledger.Record) error {
	fold, ours := folds[r.Kind]
	if !ours {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Kind == KindTaken {
		if err := b.taken(e, r.Stamp.Wall); err != nil {
			return ledger.Unreadable(r, err)
		}
		return nil
	}
	if e.Ref != nil {
		b.heard[e.Ref.Bank] = *e.Ref
	}
	if k := b.trays[e.Tray]; k != nil { // else it is of a day that is not kept any more
		fold(k, e, r.Stamp.Wall)
	}
	return nil
}

// folds is what each kind of record does to its tray.
var folds = map[string]func(*kept, body, time.Time){
	KindTaken:    nil,
	KindTicked:   (*kept).ticked,
	KindLocked:   (*kept).locked,
	KindFetched:  (*kept).inHands,
	KindOffered:  (*kept).offered,
	KindAccepted: (*kept).inHands,
	KindClosed:   (*kept).closed,

	KindDoorAsked: (*kept).doorAsked,
	KindOutAsked:  (*kept).outAsked,
	KindHandedOut: (*kept).handedOut,
	KindTakenIn:   (*kept).takenIn,
}

func (b *Book) taken(e body, at time.Time) error {
	day, err := school.ParseDate(e.Day)
	if err != nil || e.Form == "" || e.Tray == "" {
		return errors.Join(err, errors.New("no tray of a form on a day"))
	}
	k := &kept{Tray: Tray{ID: e.Tray, Form: e.Form, Day: day, Taken: at}, known: map[string]bool{},
		cells: map[Part]map[string]*cell{In: {}, Back: {}}}
	k.inHands(e, at)
	b.trays[e.Tray] = k
	maps.DeleteFunc(b.trays, func(_ string, old *kept) bool { return old.Closed() && old.Day.Before(day.Add(-Days)) })
	return nil
}

func (k *kept) ticked(e body, _ time.Time) {
	for _, t := range e.Ticks {
		of := k.cells[t.Part]
		if of == nil || k.known[t.ID] {
			continue
		}
		k.known[t.ID] = true
		if of[t.Pupil] == nil {
			of[t.Pupil] = &cell{replaced: map[string]bool{}}
		}
		of[t.Pupil].add(t)
	}
}

func (k *kept) move(to desk.Place, by string) {
	k.Place, k.Offer, k.Asked = to, nil, nil
	k.Trail = append(k.Trail, desk.Step{Place: to, By: by})
}

func (k *kept) locked(e body, _ time.Time) {
	if e.Place != nil {
		k.Counted = e.Count
		if k.Counted == nil {
			k.Counted = Count{}
		}
		k.move(*e.Place, e.By)
	}
}

func (k *kept) inHands(e body, at time.Time) {
	to := desk.InHandsOf(e.Person)
	to.Since = at
	k.move(to, e.By)
}

func (k *kept) offered(e body, at time.Time) {
	k.Offer = &Offer{By: e.By, Person: e.Person, Count: e.Count, At: at}
}

func (k *kept) doorAsked(e body, at time.Time) {
	k.Asked, k.asked = &Asking{Person: e.Person, By: e.By, Put: true, At: at}, e.Count
}

func (k *kept) outAsked(e body, at time.Time) {
	k.Asked = &Asking{Person: e.Person, By: e.By, At: at}
}

// handedOut takes a bank's word that the tray is behind its door. What was counted
// when the door was asked for is in it.
func (k *kept) handedOut(e body, _ time.Time) {
	if e.Ref == nil {
		return
	}
	if k.Counted = k.asked; k.Counted == nil {
		k.Counted = Count{}
	}
	k.move(desk.Place{Kind: desk.Behind, Bank: e.Ref.Bank, Door: e.Door, Since: e.At}, e.By)
}

// takenIn takes a bank's word that the tray has left its door: into the hands of
// whoever asked.
func (k *kept) takenIn(e body, _ time.Time) {
	to := desk.InHandsOf(e.From)
	to.Since = e.At
	k.move(to, e.By)
}

func (k *kept) closed(e body, at time.Time) {
	k.Left = e.Left
	k.move(desk.Place{Kind: desk.Gone, Since: at}, e.By)
}

// itemOf is the id of the item that something left over becomes: the same however
// often a tray is closed.
func itemOf(tray, pupil string, what desk.What) string {
	sum := sha256.Sum256([]byte(tray + " " + pupil + " " + string(what)))
	return "i-" + hex.EncodeToString(sum[:12])
}

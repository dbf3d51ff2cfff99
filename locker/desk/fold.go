package desk

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of record about items.
const (
	KindItemListed = "item-listed"
	KindItemOwned  = "item-owned"
	KindItemMoved  = "item-moved"
	KindPutAsked   = "item-put-asked"
	KindTakeAsked  = "item-take-asked"
	KindHandedOut  = "item-handed-out"  // to a bank: its record named by reference
	KindTakenIn    = "item-taken-in"    // from a bank
	KindLeaves     = "item-leave-asked" // before an order that two people signed
	KindDoorHeld   = "door-held"        // by staff at a bank
	KindDoorFreed  = "door-freed"
)

// The kinds of record about cases.
const (
	KindCaseOpened  = "case-opened"
	KindCondition   = "case-condition"
	KindNote        = "case-note"
	KindCorrection  = "case-correction"
	KindSearch      = "search-recorded"
	KindDeletion    = "deletion-recorded"
	KindCodeMade    = "release-code-made"
	KindRefused     = "release-refused"
	KindRefusalSeen = "release-refusal-seen"
	KindReleased    = "case-released"
	KindWithdrawn   = "release-withdrawn"
	KindReturned    = "case-returned"
)

// body is the body of all of custody's records. Which fields are set depends on
// the kind.
type body struct {
	By       string    `json:"by,omitempty"`
	Person   string    `json:"person,omitempty"` // whose account By is
	Item     string    `json:"item,omitempty"`
	Case     string    `json:"case,omitempty"`
	What     What      `json:"what,omitempty"`
	Why      Why       `json:"why,omitempty"`
	Whose    string    `json:"whose,omitempty"`
	Place    *Place    `json:"place,omitempty"`
	Ref      *Ref      `json:"ref,omitempty"`
	Door     int       `json:"at_door,omitempty"`
	At       time.Time `json:"at,omitzero"` // by the bank's clock
	Facts    *Facts    `json:"facts,omitempty"`
	Corrects int       `json:"corrects,omitempty"`
	Consent  Consent   `json:"consent,omitempty"`
	Subject  Searched  `json:"searched,omitempty"`
	Identity Identity  `json:"identity,omitempty"`
	To       To        `json:"to,omitempty"`
	Hash     string    `json:"hash,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	Agreed   string    `json:"agreed,omitempty"` // id of what two people signed
	vault.Kept
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid.
func (c *Custody) Fold(r ledger.Record) error {
	fold, ours := c.folds[r.Kind]
	if !ours {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Ref != nil && c.heard[e.Ref.Bank].before(*e.Ref) {
		c.heard[e.Ref.Bank] = *e.Ref
	}
	fold(e, r)
	if file := c.cases[e.Case]; file != nil {
		file.Entries = append(file.Entries, Entry{N: len(file.Entries) + 1, Kind: r.Kind, At: r.Stamp.Wall, By: e.By,
			Corrects: e.Corrects, Consent: e.Consent, content: e.Content})
	}
	return nil
}

// byKind is what each kind of record does.
func (c *Custody) byKind() map[string]func(body, ledger.Record) {
	only := func(body, ledger.Record) {} // the entry in its case says it all
	return map[string]func(body, ledger.Record){
		KindItemListed: c.foldListed, KindItemOwned: c.foldOwned, KindItemMoved: c.foldMoved,
		KindPutAsked: c.foldAsked, KindTakeAsked: c.foldAsked, KindLeaves: c.foldAsked, KindHandedOut: c.foldHandedOut, KindTakenIn: c.foldTakenIn,
		KindDoorHeld: c.foldHeld, KindDoorFreed: c.foldHeld,
		KindCaseOpened: c.foldOpened, KindCondition: only, KindNote: only, KindCorrection: only, KindSearch: only, KindDeletion: only,
		KindCodeMade: c.foldCode, KindRefused: c.foldRefused, KindRefusalSeen: c.foldSeen,
		KindReleased: c.foldReleased, KindWithdrawn: c.foldWithdrawn, KindReturned: c.foldReturned, KindCaseErased: only,
	}
}

// item finds an item, or begins one that nobody has told of before: staff put it
// in at a bank.
func (c *Custody) item(id string, at time.Time) *Item {
	if c.items[id] == nil {
		c.items[id] = &Item{ID: id, What: OtherDevice, Why: PutInAtBank, Since: at}
	}
	return c.items[id]
}

// move brings an item to a place.
func (i *Item) move(to Place, by string, ref *Ref) {
	step := Step{Place: to, By: by}
	if ref != nil {
		step.Ref = *ref
	}
	i.Place = to
	i.Trail = append(i.Trail, step)
	if len(i.Trail) > mostSteps {
		i.Trail = slices.Delete(i.Trail, 0, 1)
	}
}

func (c *Custody) foldListed(e body, r ledger.Record) {
	if e.Place == nil {
		return
	}
	i := c.item(e.Item, r.Stamp.Wall)
	i.What, i.Why, i.Whose, i.content = e.What, e.Why, e.Whose, e.Content
	i.move(*e.Place, e.By, nil)
}

func (c *Custody) foldOwned(e body, r ledger.Record) { c.item(e.Item, r.Stamp.Wall).Whose = e.Whose }

func (c *Custody) foldMoved(e body, r ledger.Record) {
	if e.Place == nil {
		return
	}
	i := c.item(e.Item, r.Stamp.Wall)
	i.Conflict, i.Asked = nil, Asking{}
	i.move(*e.Place, e.By, nil)
	if e.Place.To != ToPolice {
		return
	}
	i.receipt = e.Content
	i.Trail[len(i.Trail)-1].Agreed = e.Agreed
	if file := c.cases[i.Case]; file != nil {
		file.end(r.Stamp.Wall, ToPolice)
	}
}

func (c *Custody) foldAsked(e body, r ledger.Record) {
	kind := AskedPut
	if r.Kind == KindTakeAsked {
		kind = AskedTake
	}
	asked := Asking{Kind: kind, Person: e.Person, At: r.Stamp.Wall, Agreed: e.Agreed}
	if r.Kind == KindLeaves && e.Place != nil {
		asked.Kind, asked.To = AskedLeave, *e.Place
	}
	c.item(e.Item, r.Stamp.Wall).Asked = asked
}

// foldHandedOut takes a bank's word that an item is behind its door.
func (c *Custody) foldHandedOut(e body, r ledger.Record) {
	if e.Ref == nil {
		return
	}
	i := c.item(e.Item, e.At)
	i.Conflict = nil
	if was := i.Place; was.Kind == Gone || was.Kind == Behind {
		i.Conflict = &was
		c.cases[i.Case].reopen(was)
	}
	i.Asked = Asking{}
	i.move(Place{Kind: Behind, Bank: e.Ref.Bank, Door: e.Door, Since: e.At}, e.By, e.Ref)
}

// foldTakenIn takes a bank's word that an item has left its door: to the adult it
// was released to, else into the hands of whoever asked for it.
func (c *Custody) foldTakenIn(e body, r ledger.Record) {
	if e.Ref == nil || e.Place == nil {
		return
	}
	i := c.item(e.Item, e.At)
	i.Conflict = nil
	if was := i.Place; was.Kind != Behind || was.Bank != e.Ref.Bank || was.Door != e.Door {
		i.Conflict = &was
	}
	i.move(*e.Place, e.By, e.Ref)
	i.Trail[len(i.Trail)-1].Agreed = i.Asked.Agreed
	i.Asked = Asking{}
	if file := c.cases[i.Case]; file != nil && e.Place.Kind == Gone {
		file.end(e.At, e.Place.To)
	}
}

func (c *Custody) foldHeld(e body, r ledger.Record) {
	if e.Ref == nil {
		return
	}
	at := door{e.Ref.Bank, e.Door}
	if r.Kind == KindDoorHeld {
		c.held[at] = e.At
		return
	}
	delete(c.held, at)
}

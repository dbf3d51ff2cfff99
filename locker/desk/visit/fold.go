package visit

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The kinds of the book's records.
const (
	KindIn         = "visit-device-in"
	KindOut        = "visit-device-out"
	KindChallenged = "visit-challenged"
	KindBreach     = "visit-breach"
	KindSeen       = "visit-breach-seen"
)

// How a device was given back.
type How string

// The ways to give a device back.
const (
	BySlip     How = "slip"
	ByIdentity How = "identity" // the slip is lost or over, and staff know or have seen who it is
)

// body is the body of all the book's records.
type body struct {
	Item      string           `json:"item,omitempty"`
	Visit     string           `json:"visit,omitempty"`
	Hash      school.BadgeHash `json:"hash,omitzero"`
	Until     time.Time        `json:"until,omitzero"`
	How       How              `json:"how,omitempty"`
	Challenge string           `json:"challenge,omitempty"`
	At        time.Time        `json:"at,omitzero"`
	Zone      desk.Zone        `json:"zone,omitempty"`
	Outcome   Outcome          `json:"outcome,omitempty"`
	By        string           `json:"by"`
	Person    string           `json:"person"`
	vault.Kept
}

var errMisfit = errors.New("it does not fit what stands before it")

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	if !slices.Contains([]string{KindIn, KindOut, KindChallenged, KindBreach, KindSeen}, r.Kind) {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	var text string
	if err := vault.Read(context.Background(), b.Vault, e.Content, &text); err != nil { // one local file: there is nothing to wait for
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fold(r.Kind, e, text, r.Stamp.Wall.UTC()); err != nil {
		return ledger.Unreadable(r, err)
	}
	return nil
}

func (b *Book) fold(kind string, e body, text string, at time.Time) error {
	switch kind {
	case KindIn:
		b.deposits = append(b.deposits, &Deposit{Item: e.Item, Visit: e.Visit, At: at, By: e.By, Until: e.Until.UTC(), hash: e.Hash})
	case KindOut:
		i := slices.IndexFunc(b.deposits, func(d *Deposit) bool { return d.Item == e.Item })
		if i < 0 {
			return errMisfit
		}
		b.deposits[i].Out = at
	case KindChallenged, KindBreach:
		c := &Challenge{ID: e.Challenge, Visit: e.Visit, At: e.At.UTC(), Zone: e.Zone, Outcome: e.Outcome, By: e.By, Person: e.Person, Recorded: at, Text: text}
		if kind == KindBreach {
			c.Outcome = Breach
		}
		b.challenges = append(b.challenges, c)
	case KindSeen:
		i := slices.IndexFunc(b.challenges, func(c *Challenge) bool { return c.ID == e.Challenge })
		if i < 0 {
			return errMisfit
		}
		b.challenges[i].Seen = &Seen{By: e.By, Person: e.Person, At: at, Text: text}
	}
	return nil
}

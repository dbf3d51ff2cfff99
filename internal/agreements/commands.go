package agreements

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The limits.
const (
	MaxText     = 30_000 // bytes of an agreement
	maxName     = 100    // characters
	maxVersions = 200    // of one agreement
	longest     = 366 * 24 * time.Hour
)

// Draft is a text to be published.
type Draft struct {
	Kind    Kind
	Text    string
	From    time.Time // see Version; the zero time for at once
	Parents Year
}

// Publish makes a text the newest version of an agreement. Errors: invalid (with the
// field), conflict when it says what the newest one says, those of ledger and vault.
func (b *Book) Publish(ctx context.Context, who school.Actor, d Draft) (Version, error) {
	b.command.Lock()
	defer b.command.Unlock()
	d.Text = strings.TrimSpace(d.Text)
	stamp := b.Stamp()
	if d.From.IsZero() || d.From.Before(stamp.Wall) {
		d.From = stamp.Wall
	}
	last, _ := b.Current(d.Kind)
	switch {
	case !slices.Contains(Kinds, d.Kind):
		return Version{}, errs.At("kind", "Choose whom it is for", "")
	case len(d.Text) < 20 || !utf8.ValidString(d.Text):
		return Version{}, errs.At("text", "Enter the text of the agreement", "Paste it from the school's policy.")
	case len(d.Text) > MaxText:
		return Version{}, errs.At("text", fmt.Sprintf("The text is longer than %d characters", MaxText), "Leave out what nobody signs.")
	case d.From.Sub(stamp.Wall) > longest:
		return Version{}, errs.At("from", "The day must be within a year", "")
	case d.Text == last.Text && d.Parents == last.Parents:
		return Version{}, errs.New(errs.Conflict, "That is what the newest version says.", "Nobody needs to sign again.")
	case last.N >= maxVersions:
		return Version{}, errs.New(errs.Conflict, "There are too many versions.", "")
	}
	body := body{Agreement: d.Kind, Version: last.N + 1, From: whole(d.From), Parents: d.Parents}
	err := b.put(ctx, KindPublished, who, stamp, body, d.Text)
	v, _ := b.Current(d.Kind)
	return v, err
}

// Sign is somebody's signature in their own account. n is the version they read.
// Errors: invalid (at name), not found, conflict when there is a newer version or
// they signed it already, denied for an account that is nobody's on the roll.
func (b *Book) Sign(ctx context.Context, who school.Actor, k Kind, n int, name string) error {
	b.command.Lock()
	defer b.command.Unlock()
	p, known := b.People.Person(who.Person)
	switch {
	case known && !p.OnRoll(), !known && !(k.ReadBy(p, false) && school.ValidID(who.Person)):
		return errs.New(errs.Denied, "It is not known whose account this is.", "Ask IT to say whose it is.")
	case !k.ReadBy(p, known):
		return errs.New(errs.Denied, "This agreement is for others.", "")
	}
	return b.sign(ctx, who, k, n, who.Person, InAccount, name)
}

// Witness records that a pupil, or a parent for them, or a member of staff without an
// account, typed their name before who. Errors: as Sign, and denied where the witness
// is the signer or a parent has to sign.
func (b *Book) Witness(ctx context.Context, who school.Actor, person string, n int, how How, name string) error {
	b.command.Lock()
	defer b.command.Unlock()
	p, ok := b.People.Person(person)
	switch {
	case !ok || !p.OnRoll():
		return errs.New(errs.NotFound, "Nobody on the roll has that number.", "Look for the name again.")
	case who.Person == person || who.Person == "":
		return errs.New(errs.Denied, "Somebody else must be the witness.", "Sign in your own account instead.")
	case how != AtDesk && how != ByParent, how == ByParent && p.Kind != register.Pupil:
		return errs.At("how", "Choose who signs", "")
	}
	v, _ := b.Current(For(p))
	if how == AtDesk && v.ParentSigns(p) {
		return errs.At("how", "A parent signs for pupils of this year", "")
	}
	return b.sign(ctx, who, For(p), n, person, how, name)
}

// WitnessParent records that a parent typed their name under the parents' agreement,
// for a pupil and before who. Errors: as Sign.
func (b *Book) WitnessParent(ctx context.Context, who school.Actor, pupil string, n int, name string) error {
	b.command.Lock()
	defer b.command.Unlock()
	p, ok := b.People.Person(pupil)
	if !ok || !p.OnRoll() || p.Kind != register.Pupil {
		return errs.New(errs.NotFound, "No pupil on the roll has that number.", "Look for the name again.")
	}
	if who.Person == "" {
		return errs.New(errs.Denied, "It is not known whose account this is.", "Ask IT to say whose it is.")
	}
	return b.sign(ctx, who, Parents, n, pupil, ByParent, name)
}

// Advise records that a member of staff was told of the advice on their own phone.
// Errors: not found, conflict.
func (b *Book) Advise(ctx context.Context, who school.Actor, person string) error {
	b.command.Lock()
	defer b.command.Unlock()
	p, ok := b.People.Person(person)
	v, published := b.Current(OwnPhones)
	switch {
	case !ok || !p.OnRoll() || p.Kind != register.Staff:
		return errs.New(errs.NotFound, "No member of staff on the roll has that number.", "Look for the name again.")
	case !published:
		return errs.New(errs.NotFound, "The school has published no advice on own phones yet.", "The headteacher publishes it on the page Agreements.")
	}
	if s, ok := b.Signed(person, OwnPhones); ok && s.Version == v.N {
		return errs.New(errs.Conflict, "That is on record already.", "")
	}
	return b.put(ctx, KindAdvised, who, b.Stamp(), body{Agreement: OwnPhones, Version: v.N, For: person, How: Advised}, "")
}

// sign records a signature. The caller holds command.
func (b *Book) sign(ctx context.Context, who school.Actor, k Kind, n int, person string, how How, name string) error {
	name = strings.TrimSpace(name)
	v, ok := b.Current(k)
	before, signed := b.Signed(person, k)
	switch {
	case !ok:
		return errs.New(errs.NotFound, "The school has not published this agreement yet.", "The headteacher publishes it on the page Agreements.")
	case n != v.N:
		return errs.New(errs.Conflict, "There is a newer version than the one you read.", "Read it, and sign it then.")
	case signed && before.Version == n && before.How != Advised:
		return errs.New(errs.Conflict, "This version is signed already.", "Nothing more is needed.")
	case utf8.RuneCountInString(name) < 2 || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name):
		return errs.At("name", "Type the full name to sign", "")
	}
	return b.put(ctx, KindSigned, who, b.Stamp(), body{Agreement: k, Version: n, For: person, How: how}, name)
}

// put keeps a text in the vault, if there is one, and records. The caller holds
// command.
func (b *Book) put(ctx context.Context, kind string, who school.Actor, stamp ledger.Stamp, e body, text string) error {
	e.By, e.Person = who.Account, who.Person
	if !school.ValidID(e.By) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in and try again.")
	}
	if text != "" {
		var err error
		if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("agreement"), text); err != nil {
			return err
		}
	}
	return b.record(ctx, kind, stamp, e)
}

// record writes a record and folds it in. The caller holds command.
func (b *Book) record(ctx context.Context, kind string, stamp ledger.Stamp, e body) error {
	return ledger.Write(ctx, b.Log, b.Fold, kind, stamp, e)
}

// body is the body of all the book's records.
type body struct {
	Agreement Kind      `json:"agreement"`
	Version   int       `json:"version"`
	By        string    `json:"by"`
	Person    string    `json:"person,omitempty"`
	For       string    `json:"for,omitempty"` // whose signature it is
	How       How       `json:"how,omitempty"`
	Host      string    `json:"host,omitempty"` // of a visitor
	From      time.Time `json:"from,omitzero"`
	Until     time.Time `json:"until,omitzero"` // of a visit
	Parents   Year      `json:"parents,omitempty"`
	vault.Kept
}

// whole is t as a ledger keeps it.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

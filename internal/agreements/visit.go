package agreements

import (
	"context"
	"crypto/rand"
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

// MostDays is how many days one signature of a visitor may last.
const MostDays = 14

// visitPrefix begins the ids of visits: people whom the register does not know.
const visitPrefix = school.Unlisted + "v-"

// IsVisit reports whether an id is that of a visit, whether there is one or not.
func IsVisit(id string) bool { return strings.HasPrefix(id, visitPrefix) }

// Visit is that somebody whom the register does not know signed the visitors'
// agreement for a few days.
type Visit struct {
	ID           string
	Version      int
	Name         string // as typed by the visitor; "" once erased
	Organisation string // "" for none, and once erased
	Host         string // the member of staff they visit
	At           time.Time
	Until        time.Time // end of the last day
	By           string    // account of the witness
	Erased       bool      // the name is not kept any more

	content string
}

// Called is what pages call the visitor.
func (v Visit) Called() string {
	switch {
	case v.Name == "":
		return "A visitor whose name is not kept any more"
	case v.Organisation != "":
		return v.Name + ", " + v.Organisation
	}
	return v.Name
}

// Guest is what a visitor says of themselves.
type Guest struct {
	Name, Organisation string
	Host               string      // a member of staff
	Last               school.Date // the last day; zero for today
}

// visitor is what the vault keeps of a visit.
type visitor struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation,omitempty"`
}

// Receive records that a visitor read version n and typed their name before who, for
// their visit. Errors: invalid (with the field), denied (nobody of the register is the
// witness), not found, conflict when there is a newer version, those of ledger and
// vault.
func (b *Book) Receive(ctx context.Context, who school.Actor, n int, g Guest) (Visit, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	g.Name, g.Organisation = strings.TrimSpace(g.Name), strings.TrimSpace(g.Organisation)
	v, ok := b.Current(Visitors)
	switch {
	case !school.Known(who.Person):
		return Visit{}, errs.New(errs.Denied, "Nobody knows whose account this is, so it witnesses nothing.", "Ask IT to say whose it is.")
	case !ok:
		return Visit{}, errs.New(errs.NotFound, "The school has not published its agreement for visitors yet.", "The headteacher publishes it on the page Agreements.")
	case n != v.N:
		return Visit{}, errs.New(errs.Conflict, "There is a newer version than the one they read.", "Let them read it, and sign it then.")
	}
	until, err := b.checkGuest(g, stamp.Wall)
	if err != nil {
		return Visit{}, err
	}
	e := body{Agreement: Visitors, Version: n, By: who.Account, Person: who.Person, For: visitPrefix + strings.ToLower(rand.Text()), How: AtDesk, Host: g.Host, Until: until}
	if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("visitor"), visitor{g.Name, g.Organisation}); err != nil {
		return Visit{}, err
	}
	if err := b.record(ctx, KindVisitor, stamp, e); err != nil {
		return Visit{}, err
	}
	visit, _ := b.Visit(e.For)
	return visit, nil
}

// checkGuest gives the end of a visit, if all that was said of it can be so.
func (b *Book) checkGuest(g Guest, now time.Time) (time.Time, error) {
	zone := b.Zone
	if zone == nil {
		zone = time.UTC
	}
	today := school.DateOf(now.In(zone))
	if g.Last == (school.Date{}) {
		g.Last = today
	}
	until := g.Last.Next().At(school.Clock{}, zone)
	host, ok := b.People.Person(g.Host)
	switch {
	case utf8.RuneCountInString(g.Name) < 2 || utf8.RuneCountInString(g.Name) > maxName || !utf8.ValidString(g.Name):
		return until, errs.At("name", "Type the full name to sign", "")
	case utf8.RuneCountInString(g.Organisation) > maxName || !utf8.ValidString(g.Organisation):
		return until, errs.At("organisation", fmt.Sprintf("That is longer than %d characters", maxName), "Shorten it.")
	case !ok || host.Kind != register.Staff || !host.OnRoll():
		return until, errs.At("host", "Choose the member of staff they visit", "")
	case g.Last.Before(today):
		return until, errs.At("last", "That day is over", "Give today or a later day.")
	case until.Sub(now) > MostDays*24*time.Hour:
		return until, errs.At("last", fmt.Sprintf("A visit lasts up to %d days", MostDays), "They sign again after that.")
	}
	return until, nil
}

// Visits are all that were ever signed for, the first first.
func (b *Book) Visits() []Visit {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.visits)
}

// Visit finds one by its id.
func (b *Book) Visit(id string) (Visit, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := b.visitAt(id)
	if n < 0 {
		return Visit{}, false
	}
	return b.visits[n], true
}

func (b *Book) visitAt(id string) int {
	return slices.IndexFunc(b.visits, func(v Visit) bool { return v.ID == id })
}

// Over reports whether a visit has ended.
func (b *Book) Over(v Visit) bool { return !b.Stamp().Wall.Before(v.Until) }

// MayEnter says why a visitor may have no device and no day pass of the school; nil if
// they may: they signed what counts now, and their visit is not over. Errors: denied.
func (b *Book) MayEnter(id string) error {
	v, ok := b.Visit(id)
	switch {
	case !ok:
		return errs.New(errs.Denied, "They have not signed the agreement for visitors.", "They sign it at the desk, on the page Visitors.")
	case b.Over(v):
		return errs.New(errs.Denied, "Their visit is over.", "They sign the agreement for visitors again, on the page Visitors.")
	}
	if counts, _ := b.since(Visitors, v.Version); !counts {
		return errs.New(errs.Denied, "They have not signed the new version of the agreement for visitors.", "They sign it at the desk, on the page Visitors.")
	}
	return nil
}

// Present are the visitors who may have a device or a day pass now, the last first.
func (b *Book) Present() (list []Visit) {
	for _, v := range slices.Backward(b.Visits()) {
		if b.MayEnter(v.ID) == nil {
			list = append(list, v)
		}
	}
	return list
}

// mostErased is how many visitors are forgotten at a time.
const mostErased = 100

// Forget erases who visited the school from the vault once that has been kept as long
// as the school's rules say and no hold stands, and records that it did. Errors: those of the vault and
// the ledger.
func (b *Book) Forget(ctx context.Context) error {
	b.command.Lock()
	defer b.command.Unlock()
	if b.Years == nil {
		return nil
	}
	stamp := b.Stamp()
	var entries []ledger.Entry
	var contents []string
	for _, v := range b.Visits() {
		if v.Erased || b.Held != nil && b.Held(v.ID) || stamp.Wall.Before(v.Until.AddDate(b.Years(), 0, 0)) || len(entries) == mostErased {
			continue
		}
		e, err := ledger.NewEntry(KindErased, stamp, body{Agreement: Visitors, Version: v.Version, By: "retention", For: v.ID})
		if err != nil {
			return err
		}
		entries, contents = append(entries, e), append(contents, v.content)
	}
	if len(entries) == 0 {
		return nil
	}
	if err := b.Vault.Erase(ctx, contents...); err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entries...)
}

// visited folds in one of a visit's records.
func (b *Book) visited(kind string, e body, at time.Time) error {
	var who visitor
	if err := vault.Read(context.Background(), b.Vault, e.Content, &who); err != nil { // one local file: there is nothing to wait for
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.visitAt(e.For)
	switch {
	case kind == KindErased && n >= 0:
		b.visits[n].Name, b.visits[n].Organisation, b.visits[n].Erased = "", "", true
	case kind == KindErased, n >= 0, !IsVisit(e.For), e.Agreement != Visitors, e.Version < 1 || e.Version > len(b.versions[Visitors]):
		return fmt.Errorf("a %s of %.40q that does not fit what stands before it", kind, e.For)
	default:
		b.visits = append(b.visits, Visit{ID: e.For, Version: e.Version, Name: who.Name, Organisation: who.Organisation, Host: e.Host, At: at, Until: e.Until, By: e.By, content: e.Content})
	}
	return nil
}

package closure

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// The kinds of the book's records.
const (
	KindBegan  = "closure-evacuation-began"
	KindEnded  = "closure-evacuation-ended"
	KindLost   = "closure-access-lost"
	KindBack   = "closure-access-back"
	KindTold   = "closure-parents-told"
	KindKeyOut = "closure-key-out"
	KindKeyIn  = "closure-key-back"
	KindLooked = "closure-looked"
	KindPaper  = "closure-paper"
)

var kinds = []string{KindBegan, KindEnded, KindLost, KindBack, KindTold, KindKeyOut, KindKeyIn, KindLooked, KindPaper}

// Vault keeps what was behind the doors.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Act is somebody having done something at a moment of school time.
type Act struct {
	By     string // account; "" for a bank, and for nobody yet
	Person string
	At     time.Time
}

// Done reports whether it has been.
func (a Act) Done() bool { return !a.At.IsZero() }

// Evacuation is the building having been left.
type Evacuation struct {
	ID    string
	Drill bool
	Began Act
	Ended Act
	Bank  string // that began it, "" where a person did
	Cause locker.Cause
}

// Running reports whether it lasts.
func (e Evacuation) Running() bool { return e.Began.Done() && !e.Ended.Done() }

// Loss is nobody having been able to get at the lockers.
type Loss struct {
	ID         string
	Lost, Back Act
	Told       []Telling
	content    string
}

// Telling is parents having been told.
type Telling struct {
	Act
	How string
}

// Key is the key of a bank having been out.
type Key struct {
	ID      string
	Bank    string
	Doors   []int // none: all of the bank
	Why     Why
	Taker   string // person who has it
	Out, In Act    // Out.Person gave it out
}

// Why is why the key of a bank is needed.
type Why string

// The reasons.
const (
	NoPower  Why = "no-power"
	NoAnswer Why = "no-answer"
	Stuck    Why = "stuck"
	Repair   Why = "repair"
	Looking  Why = "looking"
)

var whys = []Why{NoPower, NoAnswer, Stuck, Repair, Looking}

// Book is all of it, safe for concurrent use.
type Book struct {
	log   ledger.Appender
	vault Vault
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu          sync.RWMutex
	evacuations []Evacuation // oldest first, like all of these
	losses      []Loss
	keys        []Key
	looks       []Look
	paper       []Line
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(log ledger.Appender, v Vault, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, stamp: stamp}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

type body struct {
	ID     string       `json:"id,omitempty"`
	By     string       `json:"by,omitempty"`
	Person string       `json:"person,omitempty"`
	Drill  bool         `json:"drill,omitempty"`
	Bank   string       `json:"bank,omitempty"`
	Seq    uint64       `json:"seq,omitempty"`
	Cause  locker.Cause `json:"cause,omitempty"`
	vault.Kept
	How   string     `json:"how,omitempty"`
	Taker string     `json:"taker,omitempty"`
	Doors []int      `json:"doors,omitempty"`
	Why   Why        `json:"why,omitempty"`
	Paper *paperBody `json:"paper,omitempty"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid.
func (b *Book) Fold(r ledger.Record) error {
	if !slices.Contains(kinds, r.Kind) {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.take(r.Kind, e, Act{By: e.By, Person: e.Person, At: r.Stamp.Wall}) {
		return ledger.Unreadable(r, errs.New(errs.Invalid, "It is about nothing that is on record.", ""))
	}
	return nil
}

// take folds one record in; false for one that is about nothing. The caller holds mu.
func (b *Book) take(kind string, e body, act Act) bool {
	switch kind {
	case KindBegan:
		b.evacuations = append(b.evacuations, Evacuation{ID: e.ID, Drill: e.Drill, Began: act, Bank: e.Bank, Cause: e.Cause})
	case KindEnded:
		return change(b.evacuations, func(v *Evacuation) bool { return v.ID == e.ID }, func(v *Evacuation) { v.Ended = act })
	case KindLost:
		b.losses = append(b.losses, Loss{ID: e.ID, Lost: act, content: e.Content})
	case KindBack:
		return change(b.losses, func(l *Loss) bool { return l.ID == e.ID }, func(l *Loss) { l.Back = act })
	case KindTold:
		return change(b.losses, func(l *Loss) bool { return l.ID == e.ID }, func(l *Loss) { l.Told = append(slices.Clone(l.Told), Telling{act, e.How}) })
	case KindKeyOut:
		b.keys = append(b.keys, Key{ID: e.ID, Bank: e.Bank, Doors: e.Doors, Why: e.Why, Taker: e.Taker, Out: act})
	case KindKeyIn:
		return change(b.keys, func(k *Key) bool { return k.ID == e.ID }, func(k *Key) { k.In = act })
	case KindLooked:
		b.looks = append(b.looks, Look{act, e.Bank, e.Doors})
		b.looks = b.looks[max(0, len(b.looks)-mostLooks):]
	case KindPaper:
		if e.Paper == nil {
			return false
		}
		b.paper = append(b.paper, e.Paper.line(e.ID, act))
		b.paper = b.paper[max(0, len(b.paper)-mostPaper):]
	}
	return true
}

// change changes the newest of a list that is meant, if there is one.
func change[T any](list []T, meant func(*T) bool, to func(*T)) bool {
	for i := range slices.Backward(list) {
		if meant(&list[i]) {
			to(&list[i])
			return true
		}
	}
	return false
}

// Mode is what the school is doing because of what stands in the book.
func (b *Book) Mode() school.Mode {
	if _, running := b.Running(); running {
		return school.Evacuation
	}
	return school.Normal
}

// Running is the evacuation that lasts, if one does.
func (b *Book) Running() (Evacuation, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return newest(b.evacuations, Evacuation.Running)
}

// Lost is the loss of access that lasts, if one does.
func (b *Book) Lost() (Loss, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return newest(b.losses, func(l Loss) bool { return !l.Back.Done() })
}

// Evacuations, the last first.
func (b *Book) Evacuations() []Evacuation { return backwards(b, &b.evacuations) }

// Losses of access, the last first.
func (b *Book) Losses() []Loss { return backwards(b, &b.losses) }

// Keys that are or were out, the last first.
func (b *Book) Keys() []Key { return backwards(b, &b.keys) }

// Paper is what was typed in from paper, the last first.
func (b *Book) Paper() []Line { return backwards(b, &b.paper) }

func backwards[T any](b *Book, list *[]T) []T {
	b.mu.RLock()
	defer b.mu.RUnlock()
	c := slices.Clone(*list)
	slices.Reverse(c)
	return c
}

func newest[T any](list []T, is func(T) bool) (found T, ok bool) {
	for _, v := range slices.Backward(list) {
		if is(v) {
			return v, true
		}
	}
	return found, false
}

package badges

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

const draws = 8 // before a random source counts as broken

// draft gathers what one command will record.
type draft struct {
	book    *Book
	by      string
	stamp   ledger.Stamp
	entries []ledger.Entry

	// For new badges only:
	key    typed.Key
	fresh  []Fresh
	hashes map[school.BadgeHash]bool // drawn in this draft
	codes  map[typed.Hash]bool
}

// changes begins a draft that issues nothing and so needs no key.
func (b *Book) changes(by string) *draft {
	return &draft{book: b, by: by, stamp: b.stamp()}
}

func (b *Book) draft(ctx context.Context, by string) (*draft, error) {
	d := b.changes(by)
	d.hashes, d.codes = map[school.BadgeHash]bool{}, map[typed.Hash]bool{}
	var err error
	d.key, err = b.codeKey(ctx)
	return d, err
}

func (d *draft) issue(person string) error {
	serial := len(d.book.badges) + len(d.fresh) + 1
	if serial > MaxSerial {
		return errs.New(errs.Conflict, fmt.Sprintf("The school has issued its %d badges.", MaxSerial), "Begin a new ledger.")
	}
	token, code, err := d.draw()
	if err != nil {
		return err
	}
	d.fresh = append(d.fresh, Fresh{Person: person, Serial: serial, Token: token, Code: code})
	return d.add(kindIssued, issued{Person: person, Hash: token.Hash(), Code: code.Hash(d.key), Serial: serial, By: d.by})
}

// draw finds secrets that no badge ever had. The 35 bits of a typed code are
// too few to leave that to chance; a token that repeats means that the random
// source does.
func (d *draft) draw() (school.Token, typed.Code, error) {
	for range draws {
		token, err := school.NewToken(d.book.random)
		if err != nil {
			return school.Token{}, typed.Code{}, err
		}
		code, err := typed.New(d.book.random)
		if err != nil {
			return school.Token{}, typed.Code{}, err
		}
		if d.unused(token.Hash(), code.Hash(d.key)) {
			return token, code, nil
		}
	}
	return school.Token{}, typed.Code{}, errs.New(errs.Internal, "The random numbers of this machine repeat themselves.",
		"Print no badges on this machine; ask its maker.")
}

func (d *draft) unused(hash school.BadgeHash, code typed.Hash) bool {
	if d.book.byHash[hash] != nil || d.hashes[hash] || d.book.byCode[code] != nil || d.codes[code] {
		return false
	}
	d.hashes[hash], d.codes[code] = true, true
	return true
}

func (d *draft) assign(hash school.BadgeHash, person string) error {
	return d.add(kindAssigned, assigned{Person: person, Hash: hash, By: d.by})
}

func (d *draft) revoke(hash school.BadgeHash, why Why) error {
	if !slices.Contains(Reasons(), why) {
		return errs.New(errs.Invalid, fmt.Sprintf("%.40q is no reason to revoke a badge.", why), "Say lost, leaver, damaged or other.")
	}
	return d.add(kindRevoked, revoked{Hash: hash, Why: why, By: d.by})
}

func (d *draft) add(kind string, body any) error {
	if !school.ValidID(d.by) {
		return errs.New(errs.Invalid, "Who does this is said as an id of 1 to 36 of a-z, 0-9 and dash.", "Give your staff id.")
	}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	d.entries = append(d.entries, ledger.Entry{Kind: kind, Stamp: d.stamp, Body: data})
	return nil
}

// record writes entries and takes in what was written; done counts those.
func (b *Book) record(ctx context.Context, entries []ledger.Entry) (done int, err error) {
	for part := range slices.Chunk(entries, ledger.MaxEntries) {
		receipts, err := b.log.Append(ctx, part...)
		if err != nil {
			return done, err
		}
		for i, e := range part {
			if err := b.take(receipts[i].Seq(), e); err != nil {
				return done, errs.Wrap(err, errs.Internal, "The book of badges has recorded what it does not understand.", "Restart Bellkeep.")
			}
			done++
		}
	}
	return done, nil
}

package agreements

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindPublished = "agreement-published"
	KindSigned    = "agreement-signed"
	KindAdvised   = "agreement-advised"
	KindVisitor   = "visitor-signed"
	KindErased    = "visitor-erased"
)

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindPublished, KindSigned, KindAdvised, KindVisitor, KindErased:
	default:
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	if r.Kind == KindVisitor || r.Kind == KindErased {
		if err := b.visited(r.Kind, e, whole(r.Stamp.Wall)); err != nil {
			return ledger.Unreadable(r, err)
		}
		return nil
	}
	var text string
	if err := vault.Read(context.Background(), b.Vault, e.Content, &text); err != nil { // one local file: there is nothing to wait for
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.versions[e.Agreement]
	if r.Kind == KindPublished {
		if e.Version != len(list)+1 {
			return ledger.Unreadable(r, errors.New("versions do not follow each other"))
		}
		b.versions[e.Agreement] = append(list, Version{Kind: e.Agreement, N: e.Version, At: whole(r.Stamp.Wall), By: e.By, From: e.From, Parents: e.Parents, Text: text})
		return nil
	}
	if e.For == "" || e.Version < 1 || e.Version > len(list) {
		return ledger.Unreadable(r, errors.New("nobody signed, or no version that there is"))
	}
	if b.signed[e.For] == nil {
		b.signed[e.For] = map[Kind]Signature{}
	}
	b.signed[e.For][e.Agreement] = Signature{Version: e.Version, At: whole(r.Stamp.Wall), By: e.By, How: e.How, Name: text}
	return nil
}

package pki

import (
	"context"
	"encoding/hex"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

// change is a record to be.
type change struct {
	kind string
	body any
}

// record writes changes together, folds them and tells who was cut off. The
// caller holds command.
func (r *Roll) record(ctx context.Context, changes ...change) error {
	at := r.stamp()
	entries := make([]ledger.Entry, len(changes))
	for i, c := range changes {
		var err error
		if entries[i], err = ledger.NewEntry(c.kind, at, c.body); err != nil {
			return err
		}
	}
	if err := ledger.Commit(ctx, r.log, r.Fold, entries...); err != nil {
		return err
	}
	for _, c := range changes {
		if b, ok := c.body.(revokedBody); ok {
			r.revokedHook()(b.ID)
		}
	}
	return nil
}

func (r *Roll) revokedHook() func(string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.onRevoked
}

// Fold takes in one record of the school's ledger, in order. It ignores kinds
// that are not the roll's. Errors: a body that cannot be read.
func (r *Roll) Fold(rec ledger.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch rec.Kind {
	case KindOpened:
		return read(rec, r.opened)
	case KindRefused:
		return read(rec, r.refused)
	case KindJoined:
		return read(rec, r.joined)
	case KindRenewed:
		return read(rec, r.issued)
	case KindRevoked:
		return read(rec, r.revoked)
	}
	return nil
}

func (r *Roll) opened(b openedBody) {
	i := &invitation{Subject: cert.Subject{Kind: b.Kind, ID: b.ID}, until: b.Until, replace: b.Replace, by: b.By}
	hash, err := hex.DecodeString(b.Token)
	if err != nil || copy(i.hash[:], hash) != len(i.hash) {
		i.ended = revoked // nobody holds a token for half a hash
	}
	r.invitations = r.invitations.add(i)
}

func (r *Roll) refused(b refusedBody) {
	if i := r.invitations.byHash(b.Token); i != nil {
		i.refusals++
	}
}

func (r *Roll) joined(b issuedBody) {
	if i := r.invitations.byHash(b.Token); i != nil {
		if m := r.members[b.ID]; m != nil && i.replace && i.redeemed == 0 {
			m.supersede()
		}
		i.key, i.ended = b.Key, "" // the revocation that came with it was not of this one
		i.redeemed++
	}
	r.issued(b)
}

func (r *Roll) issued(b issuedBody) {
	m := r.members[b.ID]
	if m == nil {
		m = &member{Subject: cert.Subject{Kind: b.Kind, ID: b.ID}}
		r.members[b.ID] = m
	}
	m.issue(certificate{b.Serial, b.NotAfter}, b.Grace)
}

func (r *Roll) revoked(b revokedBody) {
	if m := r.members[b.ID]; m != nil {
		m.revoke(b.Serial)
	}
	if b.Serial == "" {
		r.invitations.end(b.ID, revoked)
	}
}

package pki

import (
	"encoding/json"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

// The kinds of record the roll writes and reads.
const (
	KindOpened  = "joining-opened"
	KindRefused = "joining-refused"
	KindJoined  = "client-joined"
	KindRenewed = "client-renewed"
	KindRevoked = "client-revoked"
)

// openedBody invites one client. An older invitation of the same id ends.
type openedBody struct {
	ID      string    `json:"id"`
	Kind    cert.Kind `json:"kind"`
	Token   string    `json:"token"` // SHA-256
	Until   time.Time `json:"until"`
	Replace bool      `json:"replace,omitempty"` // redeeming it revokes what the id has
	By      string    `json:"by"`
}

type refusedBody struct {
	ID     string `json:"id"`
	Token  string `json:"token"`
	Reason reason `json:"reason"`
}

// issuedBody is a certificate given out, at joining or renewal.
type issuedBody struct {
	ID       string    `json:"id"`
	Kind     cert.Kind `json:"kind"`
	Token    string    `json:"token,omitempty"` // redeemed
	Serial   string    `json:"serial"`
	Key      string    `json:"key"` // SHA-256 of the public key
	NotAfter time.Time `json:"not_after"`
	Replaces string    `json:"replaces,omitempty"` // serial
	Grace    time.Time `json:"grace,omitzero"`     // when what it replaces ends at the latest
}

type revokedBody struct {
	ID     string `json:"id"`
	Serial string `json:"serial,omitempty"` // none: all, and open invitations
	By     string `json:"by"`
}

// entry is how a body is written down.
// read gives a record's body to take.
func read[T any](r ledger.Record, take func(T)) error {
	var body T
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return ledger.Unreadable(r, err)
	}
	take(body)
	return nil
}

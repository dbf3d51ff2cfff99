package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// KindEpochOpened is the kind of record 0.
const KindEpochOpened = "epoch-opened"

// Opening is the body of record 0.
type Opening struct {
	Format   int    `json:"format"` // of the leaves: Version
	Writer   string `json:"writer"`
	Epoch    uint64 `json:"epoch"`
	Key      string `json:"key,omitempty"`      // note verifier key of this epoch
	Previous string `json:"previous,omitempty"` // last known signed checkpoint of the epoch before
	By       string `json:"by"`                 // id of who opened it: a staff id or a program
	Why      string `json:"why"`
}

// The limits of an opening's free texts, in bytes.
const (
	MaxBy  = 64
	MaxWhy = 500
)

// Entry makes record 0. Errors: invalid.
func (o Opening) Entry(s Stamp) (Entry, error) {
	switch {
	case !IsWriter(o.Writer):
		return Entry{}, invalid("The ledger's writer %.60q must be 1 to 36 of a-z, 0-9 and dash.", o.Writer)
	case o.Epoch == 0 || o.Epoch > MaxSeq:
		return Entry{}, invalid("Epochs count from 1, not %d.", o.Epoch)
	case o.By == "" || len(o.By) > MaxBy:
		return Entry{}, invalid("Say who opens the ledger in 1 to %d bytes.", MaxBy)
	case o.Why == "" || len(o.Why) > MaxWhy:
		return Entry{}, invalid("Say why the ledger is opened in 1 to %d bytes.", MaxWhy)
	}
	o.Format = Version
	body, err := json.Marshal(o)
	if err != nil {
		return Entry{}, errs.Wrap(err, errs.Internal, "The opening record cannot be written.", "")
	}
	return Entry{Kind: KindEpochOpened, Stamp: s, Body: body}, nil
}

// ReadOpening reads record 0. Errors: invalid.
func ReadOpening(r Record) (Opening, error) {
	var o Opening
	if r.Seq != 0 || r.Kind != KindEpochOpened {
		return o, invalid("The ledger does not begin with the opening of its epoch.")
	}
	if err := json.Unmarshal(r.Body, &o); err != nil {
		return o, errs.Wrap(err, errs.Invalid, "The ledger's opening record cannot be read.", "")
	}
	if o.Format != Version {
		return o, errs.New(errs.Invalid,
			fmt.Sprintf("The ledger is written in format %d; this Bellkeep reads format %d.", o.Format, Version),
			"Use the Bellkeep that wrote it, or a newer one.")
	}
	if !IsWriter(o.Writer) || o.Epoch == 0 {
		return o, invalid("The ledger's opening record names no writer or epoch.")
	}
	return o, nil
}

// IsWriter tells whether s may name a writer: 1 to 36 of a-z, 0-9 and dash.
func IsWriter(s string) bool {
	if s == "" || len(s) > 36 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

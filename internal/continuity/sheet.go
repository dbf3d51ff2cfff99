// Package continuity is the continuity sheet of a device: what the school's ledger and the
// banks' say of it, each record verbatim with a proof that it is on that ledger, and
// each ledger's signed checkpoint. Whoever has the sheet verifies it without the
// school, its server or a network.
//
// Its JSON form is one object:
//
//	{"v":1,"school":…,"item":…,"made":…,"ledgers":[
//	  {"key":…,"checkpoint":…,"records":[{"seq":0,"leaf":…,"proof":[…]},…]},…]}
//
// key is the verifier key of a signed note, as in golang.org/x/mod/sumdb/note; leaf
// and the hashes of a proof (RFC 6962, section 2.1.1) are base64. Record 0 of each
// ledger names its key. A sheet holds ids, never a name.
package continuity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// The limits of a sheet.
const (
	Version    = 1
	MaxBytes   = 1 << 20
	MaxLedgers = 66 // a school's and its banks', of two epochs each
	MaxRecords = 500

	maxLine = 200 // bytes of a heading
)

// Sheet is what is known of one device.
type Sheet struct {
	V       int       `json:"v"`
	School  string    `json:"school"`
	Item    string    `json:"item"`
	Made    time.Time `json:"made"`
	Ledgers []Ledger  `json:"ledgers"` // the school's own first
}

// Ledger is what one ledger says.
type Ledger struct {
	Key        string   `json:"key"`
	Checkpoint string   `json:"checkpoint"` // signed note
	Records    []Record `json:"records"`    // ascending
}

// Record is one record with its proof.
type Record struct {
	Seq   uint64           `json:"seq"`
	Leaf  []byte           `json:"leaf"`
	Proof tlog.RecordProof `json:"proof"`
}

// Encode gives the JSON form.
func (s Sheet) Encode() ([]byte, error) { return json.MarshalIndent(s, "", " ") }

// Decode reads the JSON form. Errors: invalid.
func Decode(data []byte) (Sheet, error) {
	var s Sheet
	switch err := json.Unmarshal(data, &s); {
	case len(data) > MaxBytes || err != nil:
		return s, errs.Wrap(err, errs.Invalid, "This file is no continuity sheet.", "Take the .json file that came with the paper.")
	case s.V != Version || len(s.Ledgers) == 0 || len(s.Ledgers) > MaxLedgers:
		return s, errs.New(errs.Invalid, "This continuity sheet is of a form that this program does not know.", "Verify it with a newer one.")
	}
	return s, nil
}

// Sum is the SHA-256 of the JSON form, which the paper shows.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

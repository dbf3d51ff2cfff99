package continuity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// Report is what a sheet proves.
type Report struct {
	Ledgers []Proved
	Steps   []Step // of all ledgers, as each of them has it
	Signed  []Agreement
}

// Proved is a ledger as its checkpoint has it.
type Proved struct {
	Origin, Key string
	Size        uint64
	Root        string
	Records     int
}

// Step is one record, in its own words.
type Step struct {
	Ledger string
	Seq    uint64
	At     time.Time
	Kind   string
	Door   int
	For    string
}

// Agreement is what two people signed with their passkeys, and a bank did.
type Agreement struct {
	Ledger  string
	Seq     uint64
	Wish    passkey.Wish
	Persons [2]string
}

// Verify checks everything a sheet claims. Errors: invalid, and then it proves
// nothing.
func Verify(s Sheet) (Report, error) {
	var report Report
	for _, l := range s.Ledgers {
		if err := report.ledger(l); err != nil {
			return Report{}, errs.Wrap(err, errs.Invalid, "This continuity sheet does not verify: "+err.Error()+".", "Ask the school for the sheet anew, and compare the two.")
		}
	}
	slices.SortStableFunc(report.Steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return report, nil
}

func (r *Report) ledger(l Ledger) error {
	verifier, err := note.NewVerifier(l.Key)
	if err != nil {
		return fmt.Errorf("a ledger's key is none")
	}
	c, err := ledger.OpenCheckpointOf([]byte(l.Checkpoint), verifier)
	if err != nil {
		return fmt.Errorf("the checkpoint of %s: %w", verifier.Name(), err)
	}
	if len(l.Records) == 0 || l.Records[0].Seq != 0 || len(l.Records) > MaxRecords+1 {
		return fmt.Errorf("%s does not begin with its opening", c.Origin)
	}
	var known passkey.Set
	for i, record := range l.Records {
		if i > 0 && record.Seq <= l.Records[i-1].Seq {
			return fmt.Errorf("record %d of %s is out of order", record.Seq, c.Origin)
		}
		step, err := proved(record, c)
		if err != nil {
			return err
		}
		if err := r.weigh(step, c, l.Key, &known); err != nil {
			return err
		}
	}
	r.Ledgers = append(r.Ledgers, Proved{c.Origin, l.Key, c.Size, c.Root.String(), len(l.Records)})
	return nil
}

// proved checks that a record is on the ledger of a checkpoint.
func proved(r Record, c ledger.Checkpoint) (ledger.Record, error) {
	leaf, err := ledger.Decode(r.Leaf)
	if err != nil || leaf.Seq != r.Seq || r.Seq >= c.Size {
		return leaf, fmt.Errorf("record %d of %s is none", r.Seq, c.Origin)
	}
	if err := tlog.CheckRecord(r.Proof, int64(c.Size), c.Root, int64(r.Seq), tlog.RecordHash(r.Leaf)); err != nil {
		return leaf, fmt.Errorf("record %d is not on %s", r.Seq, c.Origin)
	}
	return leaf, nil
}

// weigh takes one record that is proved to be there: the opening must name the key,
// and what two people signed must be signed by keys that the bank knew.
func (r *Report) weigh(leaf ledger.Record, c ledger.Checkpoint, key string, known *passkey.Set) error {
	if leaf.Seq == 0 {
		o, err := ledger.ReadOpening(leaf)
		if err != nil || o.Key != key || ledger.Origin(o.Writer, o.Epoch) != c.Origin {
			return fmt.Errorf("%s was opened with another key", c.Origin)
		}
		return nil
	}
	r.Steps = append(r.Steps, Step{c.Origin, leaf.Seq, leaf.Stamp.Wall, leaf.Kind, leaf.Door, leaf.Purpose})
	var body struct {
		Item     string              `json:"item_id"`
		To       string              `json:"to"`
		Approval string              `json:"approval"`
		Signed   []passkey.Assertion `json:"signed"`
		Keys     *passkey.Set        `json:"keys"`
	}
	if json.Unmarshal(leaf.Body, &body) != nil { // another kind has members of these names for something else
		return nil
	}
	if (leaf.Kind == "approvers-learned" || leaf.Kind == "approvers-changed") && body.Keys != nil {
		*known = *body.Keys
	}
	if leaf.Kind != "intent" || len(body.Signed) == 0 {
		return nil
	}
	_, rest, _ := strings.Cut(c.Origin, "/")
	bank, _, _ := strings.Cut(rest, "/")
	a := Agreement{Ledger: c.Origin, Seq: leaf.Seq, Wish: passkey.Wish{Bank: bank, Door: leaf.Door, Item: body.Item, Kind: leaf.Purpose, To: body.To, Nonce: body.Approval}}
	if len(body.Signed) != len(a.Persons) {
		return fmt.Errorf("record %d of %s is not signed by two", leaf.Seq, c.Origin)
	}
	for i, signed := range body.Signed {
		k, err := known.Verify(a.Wish, signed)
		if err != nil {
			return fmt.Errorf("a signature in record %d of %s does not count: %w", leaf.Seq, c.Origin, err)
		}
		a.Persons[i] = k.Person
	}
	if a.Persons[0] == a.Persons[1] {
		return fmt.Errorf("record %d of %s is signed by one person twice", leaf.Seq, c.Origin)
	}
	r.Signed = append(r.Signed, a)
	return nil
}

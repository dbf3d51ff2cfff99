package continuity

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

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

	item  string // that the sheet says it is about
	named bool   // a record is about it
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

// Agreement is what two people signed with their passkeys, and a bank or the school did.
type Agreement struct {
	Ledger  string
	Seq     uint64
	Wish    passkey.Wish
	Persons [2]string
}

// Verify checks everything a sheet claims. Errors: invalid, and then it proves
// nothing.
func Verify(s Sheet) (Report, error) {
	report := Report{item: s.Item}
	err := plain(s.Item, s.School)
	for _, l := range s.Ledgers {
		if err == nil {
			err = report.ledger(l)
		}
	}
	if err == nil && !report.named {
		err = errors.New("no record on it is about its device")
	}
	if err != nil {
		return Report{}, errs.Wrap(err, errs.Invalid, "This continuity sheet does not verify: "+err.Error()+".", "Ask the school for the sheet anew, and compare the two.")
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

// plain refuses what no ledger vouches for where it could pass for lines of the report.
func plain(texts ...string) error {
	for _, text := range texts {
		if len(text) > maxLine || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			return errors.New("its heading is not one line of text")
		}
	}
	return nil
}

// about refuses a record that names another device than the sheet.
func (r *Report) about(leaf ledger.Record, c ledger.Checkpoint) error {
	var body struct {
		Item any    `json:"item"` // an id, or what a sensor said
		Kept string `json:"item_id"`
	}
	if json.Unmarshal(leaf.Body, &body) != nil {
		return nil
	}
	id, _ := body.Item.(string)
	for _, id := range []string{id, body.Kept} {
		if strings.HasPrefix(id, "i-") && id != r.item {
			return fmt.Errorf("record %d of %s is about another device", leaf.Seq, c.Origin)
		}
		r.named = r.named || id != "" && id == r.item
	}
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
	if err := r.about(leaf, c); err != nil {
		return err
	}
	r.Steps = append(r.Steps, Step{c.Origin, leaf.Seq, leaf.Stamp.Wall, leaf.Kind, leaf.Door, leaf.Purpose})
	var body struct {
		Item     string              `json:"item_id"`
		To       string              `json:"to"`
		Approval string              `json:"approval"`
		Signed   []passkey.Assertion `json:"signed"`
		Keys     *passkey.Set        `json:"keys"`
		Wish     passkey.Wish        `json:"wish"`
		Both     []passkey.Assertion `json:"both"`
	}
	if json.Unmarshal(leaf.Body, &body) != nil { // another kind has members of these names for something else
		return nil
	}
	if (leaf.Kind == "approvers-learned" || leaf.Kind == "approvers-changed") && body.Keys != nil {
		*known = *body.Keys
	}
	switch {
	case leaf.Kind == "intent" && len(body.Signed) > 0:
		_, rest, _ := strings.Cut(c.Origin, "/")
		bank, _, _ := strings.Cut(rest, "/")
		wish := passkey.Wish{Bank: bank, Door: leaf.Door, Item: body.Item, Kind: leaf.Purpose, To: body.To, Nonce: body.Approval}
		return r.agreed(Agreement{Ledger: c.Origin, Seq: leaf.Seq, Wish: wish}, *known, body.Signed)
	case leaf.Kind == "consent-answered" && body.Keys != nil: // the school's own: the record says whose keys count
		return r.agreed(Agreement{Ledger: c.Origin, Seq: leaf.Seq, Wish: body.Wish}, *body.Keys, body.Both)
	}
	return nil
}

// agreed checks that two people signed a wish.
func (r *Report) agreed(a Agreement, known passkey.Set, signatures []passkey.Assertion) error {
	if _, writer, _ := strings.Cut(a.Ledger, "/"); !strings.HasPrefix(writer, a.Wish.Bank+"/") {
		return fmt.Errorf("record %d of %s is about what is not its own", a.Seq, a.Ledger)
	}
	if len(signatures) != len(a.Persons) {
		return fmt.Errorf("record %d of %s is not signed by two", a.Seq, a.Ledger)
	}
	for i, signed := range signatures {
		k, err := known.Verify(a.Wish, signed)
		if err != nil {
			return fmt.Errorf("a signature in record %d of %s does not count: %w", a.Seq, a.Ledger, err)
		}
		a.Persons[i] = k.Person
	}
	if a.Persons[0] == a.Persons[1] {
		return fmt.Errorf("record %d of %s is signed by one person twice", a.Seq, a.Ledger)
	}
	r.Signed = append(r.Signed, a)
	return nil
}

package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"golang.org/x/mod/sumdb/tlog"
)

// The limits of a proof. A tree of MaxSeq records is 53 levels high, and a
// proof takes at most one hash for each level and one more.
const (
	MaxProof      = 54      // hashes
	MaxProofBytes = 4 << 10 // of its JSON form
)

// Proof shows that the first Old of a ledger's New records are the Old records
// it once had (RFC 6962, section 2.1.2). Its JSON form is
//
//	{"v":1,"old":512,"new":700,"hashes":["base64",…]}
type Proof struct {
	V      int            `json:"v"` // Version
	Old    uint64         `json:"old"`
	New    uint64         `json:"new"`
	Hashes tlog.TreeProof `json:"hashes"`
}

// ProveConsistency makes the proof from the ledger's stored hashes. Both sizes
// count from 1, and old is not above new. Errors: invalid, those of h.
func ProveConsistency(h tlog.HashReader, old, new uint64) (Proof, error) {
	if old == 0 || old > new || new > MaxSeq {
		return Proof{}, invalid("There is no proof from %d records to %d.", old, new)
	}
	hashes, err := tlog.ProveTree(int64(new), int64(old), h)
	return Proof{Version, old, new, hashes}, err
}

// ReadProof reads the JSON form. Errors: invalid.
func ReadProof(data []byte) (Proof, error) {
	if len(data) > MaxProofBytes {
		return Proof{}, invalid("A proof is longer than %d bytes.", MaxProofBytes)
	}
	var p Proof
	if err := json.Unmarshal(data, &p); err != nil {
		return Proof{}, errs.Wrap(err, errs.Invalid, "A proof cannot be read.", "")
	}
	if p.V != Version || p.Old == 0 || p.Old > p.New || p.New > MaxSeq || len(p.Hashes) > MaxProof {
		return Proof{}, invalid("A proof of format %d from %d records to %d with %d hashes cannot be.", p.V, p.Old, p.New, len(p.Hashes))
	}
	return p, nil
}

// Check tells whether p leads from checkpoint old to checkpoint new. Any other
// outcome than nil proves nothing.
func (p Proof) Check(old, new Checkpoint) error {
	if p.Old != old.Size || p.New != new.Size || len(p.Hashes) > MaxProof {
		return fmt.Errorf("proof leads from %d to %d, not from %d to %d", p.Old, p.New, old.Size, new.Size)
	}
	if old.Size == 0 || old.Origin != new.Origin {
		return fmt.Errorf("no proof leads from %q to %q", old.Origin, new.Origin)
	}
	return tlog.CheckTree(p.Hashes, int64(p.New), new.Root, int64(p.Old), old.Root)
}

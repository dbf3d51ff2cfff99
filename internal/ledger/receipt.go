package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Receipt proves that one entry, for one door and purpose, is durably on one
// ledger. It can be made by an Issuer only; the zero value proves nothing. A
// receipt does not outlive the process that issued it.
type Receipt struct {
	writer    string
	epoch     uint64
	seq       uint64
	door      int
	purpose   string
	committed time.Time
	mac       [sha256.Size]byte
}

// Writer names the ledger's writer.
func (r Receipt) Writer() string { return r.writer }

// Epoch is the ledger's epoch.
func (r Receipt) Epoch() uint64 { return r.epoch }

// Seq is the entry's sequence.
func (r Receipt) Seq() uint64 { return r.seq }

// Door is the door number in the entry, 0 for none.
func (r Receipt) Door() int { return r.door }

// Purpose is the purpose in the entry.
func (r Receipt) Purpose() string { return r.purpose }

// Committed is the machine time at which the commit had returned.
func (r Receipt) Committed() time.Time { return r.committed }

// Issuer makes and checks receipts for one open ledger. Its key is random and
// lives as long as the process.
type Issuer struct {
	writer string
	epoch  uint64
	key    [32]byte
}

// NewIssuer is for implementations of the log only.
func NewIssuer(writer string, epoch uint64) *Issuer {
	i := &Issuer{writer: writer, epoch: epoch}
	rand.Read(i.key[:])
	return i
}

// Issue makes the receipt of a committed record.
func (i *Issuer) Issue(seq uint64, e Entry, committed time.Time) Receipt {
	r := Receipt{writer: i.writer, epoch: i.epoch, seq: seq, door: e.Door, purpose: e.Purpose, committed: committed}
	r.mac = i.seal(r)
	return r
}

// Check refuses a receipt that this issuer did not make, or that was changed
// since. Errors: denied.
func (i *Issuer) Check(r Receipt) error {
	want := i.seal(r)
	if !hmac.Equal(want[:], r.mac[:]) {
		return errs.New(errs.Denied, "That receipt was not issued by this ledger.", "")
	}
	return nil
}

func (i *Issuer) seal(r Receipt) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, i.key[:])
	number := func(n uint64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	text := func(s string) {
		number(uint64(len(s)))
		h.Write([]byte(s))
	}
	text(r.writer)
	number(r.epoch)
	number(r.seq)
	number(uint64(r.door))
	text(r.purpose)
	number(uint64(r.committed.UnixNano()))
	h.Sum(sum[:0])
	return sum
}

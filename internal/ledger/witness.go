package ledger

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"golang.org/x/mod/sumdb/note"
)

// WitnessStore keeps what a witness has seen. Save returns once data is
// durable, and replaces what was there as a whole or not at all; Load gives
// nil when nothing was saved.
type WitnessStore interface {
	Load() ([]byte, error)
	Save(data []byte) error
}

const maxSeen = 8 // checkpoints a witness keeps

// Witness remembers the checkpoints it saw of somebody else's ledger, and so
// holds its writer to what it once signed. A bank is the school's witness. It
// is safe for concurrent use.
type Witness struct {
	verifier note.Verifier
	store    WitnessStore

	mu   sync.Mutex
	seen []sighting // by size; the newest last
}

type sighting struct {
	Checkpoint
	note string
}

// sightings is what the store keeps, in JSON.
type sightings struct {
	V     int      `json:"v"`
	Notes []string `json:"notes"` // signed checkpoints, the newest last
}

// NewWitness goes on with what the store holds. key is the note verifier key
// of one epoch of the ledger. Errors: invalid (the key), internal (what was
// stored is damaged or of another ledger), those of the store.
func NewWitness(key string, store WitnessStore) (*Witness, error) {
	v, err := note.NewVerifier(key)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "The key to check another ledger's signatures with cannot be read.", "")
	}
	w := &Witness{verifier: v, store: store}
	data, err := store.Load()
	if err != nil || data == nil {
		return w, err
	}
	if w.seen, err = w.parse(data); err != nil {
		return nil, errs.Wrap(err, errs.Internal, fmt.Sprintf("What was kept of the ledger %s cannot be read.", v.Name()),
			"Check the disk; keep the file, and remove it from its place to trust the next checkpoint unseen.")
	}
	return w, nil
}

func (w *Witness) parse(data []byte) (seen []sighting, err error) {
	var s sightings
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if s.V != Version || len(s.Notes) == 0 || len(s.Notes) > maxSeen {
		return nil, fmt.Errorf("format %d with %d checkpoints cannot be", s.V, len(s.Notes))
	}
	for _, n := range s.Notes {
		c, err := OpenCheckpointOf([]byte(n), w.verifier)
		if err != nil {
			return nil, err
		}
		seen = append(seen, sighting{c, n})
	}
	if !slices.IsSortedFunc(seen, func(a, b sighting) int { return cmp.Compare(a.Size, b.Size) }) {
		return nil, errors.New("the checkpoints are out of order")
	}
	return seen, nil
}

// Newest is the signed checkpoint the next one must continue; nil before the
// first.
func (w *Witness) Newest() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		return nil
	}
	return []byte(w.seen[len(w.seen)-1].note)
}

// Accept takes a signed checkpoint with the proof that it continues the newest
// one seen; the very first needs none. It returns the size of the newest one
// seen, which the next proof has to start from. One that was seen before is
// accepted again. Errors: invalid (not signed by the key), conflict: ErrGap
// (older than the newest, or the proof starts elsewhere) and ErrFork (not
// shown to be the same history), those of the store.
func (w *Witness) Accept(signed []byte, p Proof) (size uint64, err error) {
	c, err := OpenCheckpointOf(signed, w.verifier)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) > 0 {
		size = w.seen[len(w.seen)-1].Size
	}
	if err != nil {
		return size, errs.Wrap(err, errs.Invalid, fmt.Sprintf("A checkpoint of %s is not signed as it must be.", w.verifier.Name()), "")
	}
	known, err := w.judge(c, p)
	if err != nil || known {
		return size, err
	}
	if err := w.keep(sighting{c, string(signed)}); err != nil {
		return size, err
	}
	return c.Size, nil
}

// judge tells whether c was seen before; an error refuses it.
func (w *Witness) judge(c Checkpoint, p Proof) (known bool, err error) {
	for _, s := range w.seen {
		if s.Size == c.Size && s.Root != c.Root {
			return false, forked(c.Origin, fmt.Errorf("%w: it signed two roots at size %d", ErrFork, c.Size))
		}
		known = known || s.Size == c.Size
	}
	if known || len(w.seen) == 0 {
		return known, nil
	}
	newest := w.seen[len(w.seen)-1].Checkpoint
	if c.Size < newest.Size || p.Old != newest.Size || p.New != c.Size {
		return false, errs.Wrap(ErrGap, errs.Conflict,
			fmt.Sprintf("A checkpoint of %s at size %d came without a proof from size %d, which was seen before.", c.Origin, c.Size, newest.Size),
			"Prove it from there. A ledger that has become shorter was restored: begin a new epoch.")
	}
	if err := p.Check(newest, c); err != nil {
		return false, forked(c.Origin, fmt.Errorf("%w: size %d is not shown to continue size %d: %w", ErrFork, c.Size, newest.Size, err))
	}
	return false, nil
}

func forked(origin string, cause error) error {
	return errs.Wrap(cause, errs.Conflict, fmt.Sprintf("The ledger %s does not continue what was seen of it before.", origin),
		"Find out who changed it and when: compare it with its backup, then begin a new epoch.")
}

func (w *Witness) keep(s sighting) error {
	seen := append(slices.Clone(w.seen), s)
	seen = seen[max(0, len(seen)-maxSeen):]
	kept := sightings{V: Version}
	for _, s := range seen {
		kept.Notes = append(kept.Notes, s.note)
	}
	data, err := json.Marshal(kept)
	if err == nil {
		err = w.store.Save(data)
	}
	if err != nil {
		return err
	}
	w.seen = seen
	return nil
}

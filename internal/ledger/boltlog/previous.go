package boltlog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
)

// checkPrevious compares the checkpoint that record 0 names with the ledger of
// the epoch before, if that is in dir, and says what came of it. What is wrong
// inside that ledger is the matter of its own verification.
func checkPrevious(report *Report, o ledger.Opening, dir string) string {
	if o.Epoch <= 1 && o.Previous == "" {
		return ""
	}
	n, ok := previousName(o, dir)
	if !ok {
		return "record 0 names no checkpoint of the epoch before"
	}
	f, err := OpenFile(n.Path())
	if err != nil {
		return fmt.Sprintf("epoch %d could not be compared: %v", n.Epoch, err)
	}
	defer f.Close()
	size, err := f.holds(o.Previous)
	if err != nil {
		report.find(0, "sequence 0 names a checkpoint that does not fit the ledger of epoch %d: %v", n.Epoch, err)
		return fmt.Sprintf("epoch %d does not fit", n.Epoch)
	}
	return fmt.Sprintf("follows on epoch %d at size %d of %d", n.Epoch, size, f.Size())
}

func previousName(o ledger.Opening, dir string) (Name, bool) {
	origin, _, _ := strings.Cut(o.Previous, "\n")
	number, ok := strings.CutPrefix(origin, "bellkeep/"+o.Writer+"/")
	epoch, err := strconv.ParseUint(number, 10, 53)
	return Name{Dir: dir, Writer: o.Writer, Epoch: epoch}, ok && err == nil && epoch > 0 && epoch < o.Epoch
}

// holds tells whether the records a signed checkpoint covers are the first of
// this ledger.
func (f *File) holds(checkpoint string) (uint64, error) {
	o, err := f.Opening()
	if err != nil {
		return 0, err
	}
	v, err := note.NewVerifier(o.Key)
	if err != nil {
		return 0, err
	}
	c, err := ledger.OpenCheckpoint([]byte(checkpoint), v)
	if err != nil {
		return 0, err
	}
	if c.Size > f.Size() {
		return 0, fmt.Errorf("it was signed at size %d, and %d records are there", c.Size, f.Size())
	}
	edge, err := ledger.LoadEdge(c.Size, f.storedHash)
	if err == nil && edge.Root() != c.Root {
		err = fmt.Errorf("the first %d records are not those that were signed", c.Size)
	}
	return c.Size, err
}

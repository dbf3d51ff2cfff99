package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MaxCheckpoint is the most bytes a signed checkpoint may have.
const MaxCheckpoint = 4 << 10

// Checkpoint says that the first Size records of one ledger have this root.
// Its text is the C2SP tlog-checkpoint without extension lines.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   tlog.Hash
}

// Origin names a ledger to the world. The key that signs its checkpoints
// carries the same name.
func Origin(writer string, epoch uint64) string {
	return fmt.Sprintf("bellkeep/%s/%d", writer, epoch)
}

// Text is what is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// Sign gives the checkpoint as a signed note.
func (c Checkpoint) Sign(s note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.Text()}, s)
}

// OpenCheckpoint reads a signed checkpoint. It refuses one that v did not
// sign, and one whose signature is spelt in any other way than v spells it.
func OpenCheckpoint(signed []byte, v note.Verifier) (Checkpoint, error) {
	if len(signed) > MaxCheckpoint {
		return Checkpoint{}, errors.New("checkpoint is too long")
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint signature: %w", err)
	}
	for _, sig := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(sig.Base64)
		if err != nil || base64.StdEncoding.EncodeToString(raw) != sig.Base64 {
			return Checkpoint{}, errors.New("checkpoint signature is not canonical base64")
		}
	}
	return parseCheckpoint(n.Text)
}

// OpenCheckpointOf reads a signed checkpoint of the very ledger v belongs to,
// covering one record at least.
func OpenCheckpointOf(signed []byte, v note.Verifier) (Checkpoint, error) {
	c, err := OpenCheckpoint(signed, v)
	switch {
	case err != nil:
		return Checkpoint{}, err
	case c.Origin != v.Name():
		return Checkpoint{}, fmt.Errorf("checkpoint is of %q, not of %q", c.Origin, v.Name())
	case c.Size == 0:
		return Checkpoint{}, errors.New("checkpoint covers no record")
	}
	return c, nil
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, errors.New("checkpoint does not have three lines")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseUint(lines[1], 10, 53); err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint size: %w", err)
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint root: %w", err)
	}
	if c.Text() != text {
		return Checkpoint{}, errors.New("checkpoint is not written in its one form")
	}
	return c, nil
}

// CheckpointSize reads the size out of a signed checkpoint that has been verified
// before; 0 for none.
func CheckpointSize(signed []byte) uint64 {
	text, _, _ := strings.Cut(string(signed), "\n\n")
	c, err := parseCheckpoint(text + "\n")
	if err != nil {
		return 0
	}
	return c.Size
}

package agent

import (
	"errors"
	"io/fs"

	"github.com/bellkeep/bellkeep/internal/durable"
)

// File is a Store in one file. It holds the envelope as it came, so what is
// read from it is verified again.
type File string

// Load reads the file. Errors: those of reading it.
func (f File) Load() ([]byte, error) {
	b, err := durable.ReadFile(string(f), maxSealed)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Save replaces the file. Errors: unavailable.
func (f File) Save(sealed []byte) error { return durable.WriteFile(string(f), sealed, 0o600) }

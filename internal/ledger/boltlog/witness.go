package boltlog

import (
	"errors"
	"fmt"
	"io"
	"os"
)

const maxWitness = 64 << 10 // bytes of a witness's file

// WitnessFile keeps what a ledger.Witness has seen in one small file. It
// implements ledger.WitnessStore.
type WitnessFile struct {
	Path string // in a folder that is there
}

// Load reads the file; nil when there is none. Errors: unavailable.
func (w WitnessFile) Load() ([]byte, error) {
	data, err := readSmall(w.Path, maxWitness)
	if err != nil {
		return nil, notReadable(w.Path, err)
	}
	return data, nil
}

// Save replaces the file and returns once that is on disk. Errors: unavailable.
func (w WitnessFile) Save(data []byte) error {
	if err := writeFile(w.Path, data, fileMode); err != nil {
		return notWritable(w.Path, err)
	}
	return nil
}

// readSmall reads a file of at most limit bytes; nil when it is not there.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("file is longer than %d bytes", limit)
	}
	return data, err
}

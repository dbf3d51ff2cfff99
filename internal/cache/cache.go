// Package cache keeps what can be made again from ledgers, to start faster. A
// file of it may be deleted at any time.
//
// A file holds a line of JSON and then the bytes that are kept:
//
//	{"v":1,"build":…,"sum":…,"basis":{…}}
//
// build names the program that wrote it: what another build folded is not
// believed, for it may have folded differently. sum is the SHA-256 of the bytes
// in hexadecimal. basis is what they were made from; whoever takes them compares
// it with what there is now.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/bellkeep/bellkeep/internal/durable"
)

const (
	version = 1
	maxFile = 256 << 20 // bytes
)

type header struct {
	V     int             `json:"v"`
	Build string          `json:"build"`
	Sum   string          `json:"sum"`
	Basis json.RawMessage `json:"basis"`
}

// Put keeps data that was made from basis. Errors: unavailable.
func Put(path string, basis any, data []byte) error {
	raw, err := json.Marshal(basis)
	if err != nil {
		return err
	}
	build, err := buildID()
	if err != nil {
		return err
	}
	head, err := json.Marshal(header{version, build, sum(data), raw})
	if err != nil {
		return err
	}
	return durable.WriteFile(path, append(append(head, '\n'), data...), 0o600)
}

// Get reads what was kept, and what it was made from into basis. Whatever is
// wrong with the file is an error, and no more than a reason to make it again.
func Get(path string, basis any) ([]byte, error) {
	file, err := durable.ReadFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	line, data, _ := bytes.Cut(file, []byte{'\n'})
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, err
	}
	build, err := buildID()
	switch {
	case err != nil:
		return nil, err
	case h.V != version || h.Build != build:
		return nil, errors.New("another build of the program wrote it")
	case h.Sum != sum(data):
		return nil, errors.New("it is damaged")
	}
	return data, json.Unmarshal(h.Basis, basis)
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// buildID tells this program's file from any other that was there before it.
func buildID() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d-%d", f.Size(), f.ModTime().UnixNano()), nil
}

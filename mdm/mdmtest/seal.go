package mdmtest

import (
	"bytes"
	"errors"
)

var mark = []byte("sealed:")

// Seal stands in for an envelope.
func Seal(payload []byte) ([]byte, error) { return append(bytes.Clone(mark), payload...), nil }

// Open gives what Seal put in, and refuses anything else.
func Open(sealed []byte) ([]byte, error) {
	payload, ok := bytes.CutPrefix(sealed, mark)
	if !ok {
		return nil, errors.New("not sealed")
	}
	return payload, nil
}

package mdmtest

import (
	"bytes"
	"errors"

	"github.com/bellkeep/bellkeep/internal/wire"
)

func mark(t wire.Type) []byte { return []byte("sealed:" + string(t) + ":") }

// Seal stands in for an envelope.
func Seal(t wire.Type, payload []byte) ([]byte, error) { return append(mark(t), payload...), nil }

// Open gives what Seal put in, and refuses anything else.
func Open(t wire.Type, sealed []byte) ([]byte, error) {
	payload, ok := bytes.CutPrefix(sealed, mark(t))
	if !ok {
		return nil, errors.New("not sealed")
	}
	return payload, nil
}

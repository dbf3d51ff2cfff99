package gateway

import (
	"crypto/rand"
	"fmt"
)

// NewUUID is a random UUID (RFC 9562, version 4) in capitals, as Apple writes them.
func NewUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

package passkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"math/big"
)

var errKey = errors.New("it is no key of a kind that is known")

// What COSE calls the members of a key and what may be in them (RFC 9053).
const (
	coseType, coseAlg = 1, 3
	typeOKP           = 1
	typeEC2           = 2
	typeRSA           = 3
	algES256          = -7
	algEdDSA          = -8
	algRS256          = -257
	curveP256         = 1
	curveEd25519      = 6
)

// mostMembers is how many members a key has at most.
const mostMembers = 8

// parseKey reads a COSE key.
func parseKey(data []byte) (crypto.PublicKey, error) {
	if len(data) > MaxPublic {
		return nil, errKey
	}
	m, err := parseMap(data)
	if err != nil {
		return nil, err
	}
	switch [2]int64{m[coseType].number, m[coseAlg].number} {
	case [2]int64{typeEC2, algES256}:
		x, y := m[-2].text, m[-3].text
		if m[-1].number != curveP256 || len(x) != 32 || len(y) != 32 {
			return nil, errKey
		}
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	case [2]int64{typeOKP, algEdDSA}:
		x := m[-2].text
		if m[-1].number != curveEd25519 || len(x) != ed25519.PublicKeySize {
			return nil, errKey
		}
		return ed25519.PublicKey(x), nil
	case [2]int64{typeRSA, algRS256}:
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(m[-1].text), E: 65537}
		if bits := key.N.BitLen(); bits < 2048 || bits > 4096 || string(m[-2].text) != "\x01\x00\x01" {
			return nil, errKey
		}
		return key, nil
	}
	return nil, errKey
}

// value is one member of a key: a whole number or bytes.
type value struct {
	number int64
	text   []byte
}

// cbor reads the little of CBOR (RFC 8949) that a key is made of.
type cbor struct {
	rest []byte
	bad  bool
}

// parseMap reads one map of integers, and nothing after it.
func parseMap(data []byte) (map[int64]value, error) {
	c := cbor{rest: data}
	major, n := c.head()
	if major != 5 || n > mostMembers {
		return nil, errKey
	}
	m := map[int64]value{}
	for range n {
		key := c.value()
		if _, twice := m[key.number]; twice || key.text != nil {
			return nil, errKey
		}
		m[key.number] = c.value()
	}
	if c.bad || len(c.rest) > 0 {
		return nil, errKey
	}
	return m, nil
}

func (c *cbor) value() value {
	switch major, n := c.head(); major {
	case 0:
		return value{number: int64(n)}
	case 1:
		return value{number: -1 - int64(n)}
	case 2:
		return value{text: c.take(n)}
	}
	c.bad = true
	return value{}
}

// head reads the major type of an item and its number, of up to 32 bits and in the
// shortest form.
func (c *cbor) head() (major byte, n uint64) {
	first := c.take(1)
	if c.bad {
		return 0, 0
	}
	major, n = first[0]>>5, uint64(first[0]&31)
	var least uint64
	switch n {
	case 24:
		n, least = c.number(1), 24
	case 25:
		n, least = c.number(2), 1<<8
	case 26:
		n, least = c.number(4), 1<<16
	}
	c.bad = c.bad || n < least || first[0]&31 > 26
	return major, n
}

func (c *cbor) number(size uint64) uint64 {
	var b [8]byte
	copy(b[8-size:], c.take(size))
	return binary.BigEndian.Uint64(b[:])
}

// take is the next n bytes, never nil where they are there.
func (c *cbor) take(n uint64) []byte {
	if c.bad || n > uint64(len(c.rest)) {
		c.bad = true
		return nil
	}
	taken := c.rest[:n:n]
	c.rest = c.rest[n:]
	return taken
}

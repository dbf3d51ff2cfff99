package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Decode reads a leaf. It accepts exactly the bytes that Encode gives for what
// it returns, so a leaf has one meaning and a record one leaf. The record
// keeps leaf; nobody may change it afterwards. Errors: invalid.
func Decode(leaf []byte) (Record, error) {
	if len(leaf) > MaxLeaf {
		return Record{}, invalid("A record is longer than %d bytes.", MaxLeaf)
	}
	c := cursor{rest: leaf}
	if v := c.number(`{"v":`); c.bad || v != Version {
		if c.bad {
			return Record{}, invalid("A record does not begin with its format.")
		}
		return Record{}, errs.New(errs.Invalid,
			fmt.Sprintf("A record is written in format %d; this Bellkeep reads format %d.", v, Version),
			"Use the Bellkeep that wrote it, or a newer one.")
	}
	r := Record{Seq: c.number(`,"seq":`), Leaf: leaf}
	r.Kind = c.text(`,"kind":"`)
	c.stamp(&r.Stamp)
	if c.at(`,"door":`) {
		r.Door = int(min(c.number(`,"door":`), math.MaxInt32))
	}
	if c.at(`,"for":"`) {
		r.Purpose = c.text(`,"for":"`)
	}
	if c.at(`,"body":`) {
		r.Body = c.body(`,"body":`)
	}
	if c.bad || string(c.rest) != "}" || r.Seq > MaxSeq {
		return Record{}, invalid("A record cannot be read.")
	}
	again, err := Encode(r.Seq, r.Entry)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(again, leaf) {
		return Record{}, invalid("A record is not written in the one form it may have.")
	}
	return r, nil
}

// cursor reads the fields of a leaf from left to right. It is lenient: what it
// lets through, the comparison at the end of Decode catches.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) at(name string) bool { return bytes.HasPrefix(c.rest, []byte(name)) }

func (c *cursor) skip(name string) {
	rest, ok := bytes.CutPrefix(c.rest, []byte(name))
	c.rest, c.bad = rest, c.bad || !ok
}

func (c *cursor) number(name string) uint64 {
	c.skip(name)
	n := 0
	for n < len(c.rest) && c.rest[n] >= '0' && c.rest[n] <= '9' {
		n++
	}
	v, err := strconv.ParseUint(string(c.rest[:n]), 10, 64)
	c.rest, c.bad = c.rest[n:], c.bad || err != nil
	return v
}

func (c *cursor) text(name string) string {
	c.skip(name)
	s, rest, ok := bytes.Cut(c.rest, []byte{'"'})
	c.rest, c.bad = rest, c.bad || !ok
	return string(s)
}

func (c *cursor) stamp(s *Stamp) {
	if c.at(`,"at":"`) {
		wall, err := time.Parse(wallLayout, c.text(`,"at":"`))
		s.Wall, c.bad = wall, c.bad || err != nil
	}
	if c.at(`,"trusted":true`) {
		c.skip(`,"trusted":true`)
		s.Trusted = true
	}
	if c.at(`,"boot":"`) {
		s.Boot = c.text(`,"boot":"`)
	}
	if c.at(`,"mono":`) {
		ms := c.number(`,"mono":`)
		c.bad = c.bad || ms > math.MaxInt64/uint64(time.Millisecond)
		s.Mono = time.Duration(ms) * time.Millisecond
	}
}

// body takes all but the last brace: nothing comes after a body.
func (c *cursor) body(name string) json.RawMessage {
	c.skip(name)
	end := len(c.rest) - 1
	if end < 0 || !strings.HasPrefix(string(c.rest[:min(1, end)]), "{") {
		c.bad = true
		return nil
	}
	body := json.RawMessage(c.rest[:end:end])
	c.rest = c.rest[end:]
	return body
}

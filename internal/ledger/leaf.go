package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// The limits of a leaf and of one Append.
const (
	Version    = 1        // format written and read
	MaxLeaf    = 16 << 10 // bytes
	MaxEntries = 256      // entries in one Append
	MaxKind    = 48       // bytes
	MaxPurpose = 64       // bytes
	MaxBoot    = 64       // bytes
	MaxDoor    = 9999
	MaxSeq     = 1<<53 - 1 // the largest whole number every JSON reader keeps exactly
)

const (
	leafStart  = `{"v":1,"seq":`
	wallLayout = "2006-01-02T15:04:05.000Z"
)

// Encode gives the leaf of e at sequence seq. Wall and Mono lose what is finer
// than a millisecond, Body its insignificant spaces. Errors: invalid.
func Encode(seq uint64, e Entry) ([]byte, error) {
	rest, err := EncodeRest(e)
	if err != nil {
		return nil, err
	}
	return AppendLeaf(nil, seq, rest), nil
}

// EncodeRest gives everything of e's leaf that does not depend on its
// sequence, so that many callers can share the work and a single writer only
// puts the sequence in front with AppendLeaf. Errors: invalid.
func EncodeRest(e Entry) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 160+len(e.Body))
	b = append(b, `,"kind":"`...)
	b = append(b, e.Kind...)
	b = append(b, '"')
	b = appendStamp(b, e.Stamp)
	if e.Door != 0 {
		b = append(b, `,"door":`...)
		b = strconv.AppendInt(b, int64(e.Door), 10)
	}
	if e.Purpose != "" {
		b = append(b, `,"for":"`...)
		b = append(b, e.Purpose...)
		b = append(b, '"')
	}
	b, err := appendBody(b, e.Body)
	if err != nil {
		return nil, err
	}
	b = append(b, '}')
	if len(leafStart)+len(strconv.FormatInt(MaxSeq, 10))+len(b) > MaxLeaf {
		return nil, invalid("A record of kind %s is longer than %d bytes.", e.Kind, MaxLeaf)
	}
	return b, nil
}

// AppendLeaf appends to dst the leaf at seq of what EncodeRest gave.
func AppendLeaf(dst []byte, seq uint64, rest []byte) []byte {
	dst = append(dst, leafStart...)
	dst = strconv.AppendUint(dst, seq, 10)
	return append(dst, rest...)
}

func appendStamp(b []byte, s Stamp) []byte {
	if wall := s.Wall.UTC().Truncate(time.Millisecond); !wall.IsZero() {
		b = append(b, `,"at":"`...)
		b = wall.AppendFormat(b, wallLayout)
		b = append(b, '"')
	}
	if s.Trusted {
		b = append(b, `,"trusted":true`...)
	}
	if s.Boot != "" {
		b = append(b, `,"boot":"`...)
		b = append(b, s.Boot...)
		b = append(b, '"')
	}
	if ms := s.Mono.Milliseconds(); ms != 0 {
		b = append(b, `,"mono":`...)
		b = strconv.AppendInt(b, ms, 10)
	}
	return b
}

func appendBody(b []byte, body json.RawMessage) ([]byte, error) {
	if len(body) == 0 {
		return b, nil
	}
	if len(body) > MaxLeaf || !utf8.Valid(body) {
		return nil, invalid("The body of a record is too long or not UTF-8.")
	}
	buf := bytes.NewBuffer(append(b, `,"body":`...))
	start := buf.Len()
	if err := json.Compact(buf, body); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "The body of a record is not JSON.", "")
	}
	if buf.Bytes()[start] != '{' {
		return nil, invalid("The body of a record is not a JSON object.")
	}
	return buf.Bytes(), nil
}

func (e Entry) check() error {
	switch {
	case !isKind(e.Kind):
		return invalid("A record has the kind %.60q: use up to %d of a-z, 0-9, dot and dash, a letter first.", e.Kind, MaxKind)
	case e.Door < 0 || e.Door > MaxDoor:
		return invalid("A record names door %d: doors go from 1 to %d.", e.Door, MaxDoor)
	case len(e.Purpose) > MaxPurpose || !plain(e.Purpose):
		return invalid("A record has the purpose %.80q: use up to %d printable ASCII characters without quotes.", e.Purpose, MaxPurpose)
	case len(e.Stamp.Boot) > MaxBoot || !plain(e.Stamp.Boot):
		return invalid("A record has the boot id %.80q: use up to %d printable ASCII characters without quotes.", e.Stamp.Boot, MaxBoot)
	case e.Stamp.Mono < 0:
		return invalid("A record is stamped %v before its boot.", -e.Stamp.Mono)
	case e.Stamp.Wall.UTC().Year() < 1 || e.Stamp.Wall.UTC().Year() > 9999:
		return invalid("A record is stamped with the year %d.", e.Stamp.Wall.UTC().Year())
	}
	return nil
}

func isKind(s string) bool {
	if s == "" || len(s) > MaxKind || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// plain tells whether s can stand in a JSON string as it is.
func plain(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func invalid(format string, args ...any) error {
	return errs.New(errs.Invalid, fmt.Sprintf(format, args...), "")
}

package apple

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// CheckPlist refuses a property list that no device would send and that is dangerous to
// read: one that is too long, too deep or too full, is binary, or declares entities.
// Errors: invalid.
func CheckPlist(raw []byte) error {
	refuse := func(why string) error { return errs.New(errs.Invalid, "A property list "+why+".", "") }
	switch {
	case len(raw) > MaxAnswer:
		return refuse("is too long")
	case bytes.HasPrefix(raw, []byte("bplist")):
		return refuse("is binary")
	}
	dec := xml.NewDecoder(bytes.NewReader(raw))
	for depth, elements := 0, 0; ; {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse("is not XML")
		}
		switch el := token.(type) {
		case xml.StartElement:
			depth, elements = depth+1, elements+1
		case xml.EndElement:
			depth--
		case xml.Directive:
			if !bytes.HasPrefix(el, []byte("DOCTYPE plist")) || bytes.ContainsAny(el, "[]<>") {
				return refuse("declares what it must not")
			}
		}
		if depth < 0 || depth > maxDepth || elements > maxElements {
			return refuse("is too deep or too full")
		}
	}
}

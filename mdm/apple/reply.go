package apple

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// answer is what a device said, as far as it is XML of Apple's kind. Nothing in it
// is relied on to be there.
type answer map[string]any

// parse reads an answer, within limits. Errors: invalid.
func parse(raw []byte) (answer, error) {
	if err := Check(raw); err != nil {
		return nil, err
	}
	var a map[string]any
	if err := plist.Unmarshal(raw, &a); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "An answer cannot be read.", "")
	}
	return a, nil
}

// Check refuses a property list that no device would send and that is dangerous to
// read: one that is too long, too deep or too full, is binary, or declares entities.
// Errors: invalid.
func Check(raw []byte) error {
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

// text is a short text, "" where there is none.
func text(v any) string {
	s, _ := v.(string)
	return mdm.Cut(s)
}

// why is what a device says of an error.
func (a answer) why() string { return chain(a["ErrorChain"]) }

func chain(v any) string {
	list, _ := v.([]any)
	var said []string
	for _, item := range list[:min(len(list), maxChain)] {
		e, _ := item.(map[string]any)
		for _, key := range []string{"USEnglishDescription", "LocalizedDescription"} {
			if words := text(e[key]); words != "" {
				said = append(said, words)
				break
			}
		}
	}
	return strings.Join(said, "; ")
}

// bluetooth is why Bluetooth is not as it was to be; "" when it is. The command as a
// whole is acknowledged either way. Devices answer with a list that names its items;
// Apple's description of it has one dictionary without a name.
func (a answer) bluetooth() string {
	list, ok := a["Settings"].([]any)
	if !ok {
		list = []any{a["Settings"]}
	}
	for _, v := range list {
		item, _ := v.(map[string]any)
		if name := text(item["Item"]); item == nil || name != "" && name != "Bluetooth" {
			continue
		}
		if status := text(item["Status"]); status != statusAcknowledged {
			return strings.TrimSpace(status + " " + chain(item["ErrorChain"]))
		}
		return ""
	}
	return "it did not say what became of Bluetooth"
}

// passcode is what is said of a passcode, or why nothing is.
func (a answer) passcode(of string) (said *passcodeState, why string) {
	m, ok := a["SecurityInfo"].(map[string]any)
	if !ok {
		return nil, "it did not say how its passcode is"
	}
	said = &passcodeState{Of: of}
	said.Present, _ = m["PasscodePresent"].(bool)
	said.Compliant, _ = m["PasscodeCompliantWithProfiles"].(bool)
	return said, ""
}

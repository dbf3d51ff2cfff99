package apple

import (
	"strings"

	"github.com/micromdm/plist"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// response is what a device said of a command. Nothing in it is relied on to be there.
type response map[string]any

// parse reads a response, within limits. Errors: invalid.
func parse(raw []byte) (response, error) {
	if err := CheckPlist(raw); err != nil {
		return nil, err
	}
	var r response
	if err := plist.Unmarshal(raw, &r); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "An answer cannot be read.", "")
	}
	return r, nil
}

// text is a short text, "" where there is none.
func text(v any) string {
	s, _ := v.(string)
	return mdm.Cut(s)
}

// why is what a device says of an error.
func (r response) why() string { return chain(r["ErrorChain"]) }

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
func (r response) bluetooth() string {
	list, ok := r["Settings"].([]any)
	if !ok {
		list = []any{r["Settings"]}
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
func (r response) passcode(of string) (said *passcodeState, why string) {
	m, ok := r["SecurityInfo"].(map[string]any)
	if !ok {
		return nil, "it did not say how its passcode is"
	}
	said = &passcodeState{Of: of}
	said.Present, _ = m["PasscodePresent"].(bool)
	said.Compliant, _ = m["PasscodeCompliantWithProfiles"].(bool)
	return said, ""
}

package mdm

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Device is a school-issued device under management.
type Device struct {
	ID       string   `json:"id"`
	Label    string   `json:"label,omitempty"` // what is painted on it; never a person's name
	Groups   []string `json:"groups"`          // sorted; whose profiles it follows
	Platform string   `json:"platform"`        // ipad, android, linux, pretend
	Flags    []Flag   `json:"flags,omitempty"` // sorted

	Quarantined bool `json:"-"` // kept as evidence; no part of how it is listed
}

// In reports whether the device belongs to a group.
func (d Device) In(group string) bool { return slices.Contains(d.Groups, group) }

// maxGroups bounds the groups of one device.
const maxGroups = 20

// Flag is a need of whoever uses the device that outranks a policy.
type Flag string

// The flags. Assistive stands for hearing aids, glucose monitors and the like.
// Which of them is health data, so it is not told apart here.
const (
	Assistive Flag = "assistive"
	Classroom Flag = "classroom" // the teacher's classroom app finds devices by Bluetooth
)

// NeedsBluetooth reports whether blocking Bluetooth would take away something
// a person relies on.
func (d Device) NeedsBluetooth() bool {
	return slices.Contains(d.Flags, Assistive) || slices.Contains(d.Flags, Classroom)
}

// Equal reports whether two devices are the same in every respect.
func (d Device) Equal(o Device) bool {
	return d.ID == o.ID && d.Label == o.Label && slices.Equal(d.Groups, o.Groups) && d.Quarantined == o.Quarantined && d.Platform == o.Platform && slices.Equal(d.Flags, o.Flags)
}

// Validate names the first fault. Errors: invalid.
func (d Device) Validate() error {
	for what, id := range map[string]string{"id": d.ID, "platform": d.Platform} {
		if !school.ValidID(id) {
			return invalid("A device has the %s %.40q.", what, id)
		}
	}
	if !plainText(d.Label) {
		return invalid("The label of device %s is too long or not printable.", d.ID)
	}
	if len(d.Groups) > maxGroups {
		return invalid("Device %s is in more than %d groups.", d.ID, maxGroups)
	}
	for i, g := range d.Groups {
		if !school.ValidID(g) || i > 0 && d.Groups[i-1] >= g {
			return invalid("The groups of device %s are not sorted, or %.40q is none.", d.ID, g)
		}
	}
	for i, f := range d.Flags {
		if f != Assistive && f != Classroom {
			return invalid("Device %s has the unknown flag %.40q.", d.ID, f)
		}
		if i > 0 && d.Flags[i-1] >= f {
			return invalid("The flags of device %s are not sorted, or one is there twice.", d.ID)
		}
	}
	return nil
}

func plainText(s string) bool {
	return len(s) <= MaxText && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func invalid(format string, args ...any) error {
	return errs.New(errs.Invalid, fmt.Sprintf(format, args...), "")
}

// CompareIDs puts ipad-9 before ipad-10, as people count.
func CompareIDs(a, b string) int {
	if len(a) != len(b) && commonStem(a, b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// commonStem reports whether two ids differ in their last digits only.
func commonStem(a, b string) bool {
	stem := func(s string) string {
		for s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' {
			s = s[:len(s)-1]
		}
		return s
	}
	return stem(a) == stem(b)
}

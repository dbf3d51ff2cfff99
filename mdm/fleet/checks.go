package fleet

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The checks are asked before a record is written and again when it is folded in.
// Their caller holds mu.

func (b *Book) mayIssue(i issued) error {
	l, err := b.managed(i.Device)
	switch {
	case err != nil:
		return err
	case !school.ValidID(i.To):
		return errs.New(errs.Invalid, fmt.Sprintf("%.40q is nobody's id.", i.To), "")
	case l.Holder != "":
		return errs.New(errs.Conflict, "Device "+i.Device+" is issued already.", "Take it back first.")
	case !l.Lost.At.IsZero():
		return errs.New(errs.Conflict, "Device "+i.Device+" is lost.", "Say first that it was found.")
	}
	return b.mayAlter(l)
}

// mayBecome says why a device is not put on another platform; nil if it may be. The
// caller holds command, and not mu: others are asked.
func (b *Book) mayBecome(l Listing, platform string) error {
	switch {
	case l.Device.Platform == platform:
		return nil
	case l.Holder != "":
		return errs.New(errs.Denied, "Somebody has device "+l.Device.ID+", so its platform stays "+l.Device.Platform+".",
			"Correct the platform; a device that really is another one is enrolled under a new id.")
	case b.Joined == nil || b.Joined(l.Device.ID):
		return errs.New(errs.Denied, "Device "+l.Device.ID+" has joined, so its platform stays "+l.Device.Platform+".",
			"Correct the platform; a device that really is another one is enrolled under a new id, and this one retired.")
	}
	return nil
}

func (b *Book) mayGiveBack(device string) error {
	if l := b.devices[device]; l == nil || l.Holder == "" {
		return errs.New(errs.Conflict, fmt.Sprintf("Device %.40q is issued to nobody.", device), "")
	}
	return nil
}

func (b *Book) mayLose(device string) error {
	l, err := b.managed(device)
	if err == nil && !l.Lost.At.IsZero() {
		return errs.New(errs.Conflict, "Device "+device+" is lost already.", "")
	}
	return err
}

func (b *Book) mayFind(device string) error {
	l, err := b.managed(device)
	if err == nil && l.Lost.At.IsZero() {
		return errs.New(errs.Conflict, "Device "+device+" is not lost.", "")
	}
	return err
}

func (b *Book) mayReplace(r replaced) error {
	old, err := b.managed(r.Device)
	switch {
	case err != nil:
		return err
	case r.Device == r.With:
		return errs.At("with", "A device is replaced by another one", "Choose another device.")
	case old.Holder == "":
		return errs.New(errs.Conflict, "Nobody has device "+r.Device+".", "Retire it, and issue the other one.")
	}
	if err := b.mayAlter(old); err != nil {
		return err
	}
	return b.mayIssue(issued{Device: r.With, To: old.Holder, By: r.By})
}

func (b *Book) mayRetire(device string) error {
	l, err := b.managed(device)
	if err != nil {
		return err
	}
	return b.mayAlter(l)
}

func (b *Book) managed(id string) (*Listing, error) {
	l := b.devices[id]
	switch {
	case l == nil:
		return nil, errs.New(errs.NotFound, fmt.Sprintf("There is no device %.40q.", id), "See the list: bellkeep device list --data FOLDER")
	case !l.Retired.IsZero():
		return nil, retiredAlready(id)
	}
	return l, nil
}

func retiredAlready(id string) error {
	return errs.New(errs.Conflict, "Device "+id+" is retired.", "Give a device that comes back a new id.")
}

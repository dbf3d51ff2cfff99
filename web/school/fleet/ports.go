package fleet

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// Book is the school's book of devices; see package mdm/fleet.
type Book interface {
	Listings() []fleet.Listing
	Device(id string) (fleet.Listing, bool)
	Register() []fleet.Issue
	Moves() []fleet.Move
	MoveOf(device string) (fleet.Move, bool)
}

// Rules tell what a device would do otherwise in other groups.
type Rules interface {
	MoveDiff(from, to []string) []change.Line
}

// Desk is what changes a device's place.
type Desk interface {
	List(ctx context.Context, by string, devices ...mdm.Device) error
	Change(ctx context.Context, by change.By, why string, devices ...mdm.Device) ([]fleet.Move, error)
	Sort(devices ...mdm.Device) (free []mdm.Device, moves []fleet.Move, err error)
	Issue(ctx context.Context, by string, h fleet.Handover) error
	TakeBack(ctx context.Context, device, by string) error
	Find(ctx context.Context, device, by string) error
}

// Ends are what also cuts a device off.
type Ends interface {
	RetireDevice(ctx context.Context, by, id string) error
	LoseDevice(ctx context.Context, by, id string, keepLine bool) error
	ReplaceDevice(ctx context.Context, by, id string, with fleet.Handover) error
}

// Evidence is what is done about a device in quarantine.
type Evidence interface {
	Quarantine(ctx context.Context, who school.Actor, device, why, subject string) error
	Advise(ctx context.Context, who school.Actor, device, text string) error
	EndQuarantine(ctx context.Context, who school.Actor, held []roles.Assignment, device string) (ended bool, err error)
	EndWanted(q fleet.Quarantine) (fleet.EndAsked, []policy.Approver)
}

// Joining lets devices in. Certificates are, by device, the serial of the newest one
// that counts; a device that is not there has none. SetUp is the page with the code of
// a device that joins in a way of its own; "" for all others.
type Joining interface {
	SetUp(id string) string
	InviteDevice(ctx context.Context, by, id string, replace bool) (joining.Code, time.Time, error)
	Certificates() map[string]string
}

// Checks say what stands between a person and a device.
type Checks interface {
	MayHave(person string) error
	Passcode(device string) fleet.Confirmation
}

// Visitors are people outside the register who signed the school's agreement.
type Visitors interface {
	Visit(id string) (agreements.Visit, bool)
	Present() []agreements.Visit // who may have a device now
	Over(v agreements.Visit) bool
}

// People are those of the register.
type People interface {
	Person(id string) (register.Person, bool)
	Search(query string) []register.Person
}

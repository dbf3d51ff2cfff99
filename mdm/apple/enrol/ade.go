package enrol

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/micromdm/nanodep/godep"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// Limits of automated device enrolment.
const (
	asmPages   = 50
	asmPerPage = 500 // devices
	asmAtOnce  = 500 // serial numbers in one request
)

// skipped are the panes of Setup Assistant, by their SkipKeys, that a school's device does without.
var skipped = []string{"AppleID", "Biometric", "Diagnostics", "DisplayTone", "Payment", "Privacy", "Restore", "ScreenTime", "Siri", "TOS", "Welcome"}

// Owned is a device that Apple School Manager gave to this server.
type Owned struct {
	Serial, Model string
	Ours          bool   // our profile is assigned to it
	Device        string // the school's id of that serial number; "" for none
}

// Owned are all of them, by serial number. Errors: not_found, denied, unavailable.
func (o *Office) Owned(ctx context.Context) ([]Owned, error) {
	c, err := o.connected()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, asmWithin)
	defer stop()
	kept := o.look()
	ids := map[string]string{}
	for id, serial := range kept.Serials {
		ids[serial] = id
	}
	found := map[string]Owned{}
	cursor := ""
	for range asmPages {
		answer, err := c.FetchDevices(ctx, asmName, godep.WithCursor(cursor), godep.WithLimit(asmPerPage))
		if err != nil {
			return nil, asmError(err)
		}
		for _, d := range answer.Devices {
			serial := strings.ToUpper(d.SerialNumber)
			if serials.MatchString(serial) && len(found) < maxDevices {
				found[serial] = Owned{Serial: serial, Model: mdm.Cut(d.Model), Device: ids[serial],
					Ours: d.ProfileUuid != nil && kept.ASM.Profile != "" && *d.ProfileUuid == kept.ASM.Profile}
			}
		}
		if cursor = answer.Cursor; !answer.MoreToFollow {
			break
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Owned) int { return strings.Compare(a.Serial, b.Serial) }), nil
}

// Assign has devices enrol here by themselves when they are reset next, supervised and
// for good, and waits for those it can name. The profile is defined first where it is not
// yet. Errors: not_found, denied, unavailable; what Apple says of a single one is told in
// refused, by serial number.
func (o *Office) Assign(ctx context.Context, want []string) (refused map[string]string, err error) {
	c, err := o.connected()
	if err != nil {
		return nil, err
	}
	if err := o.Ready(); err != nil {
		return nil, err
	}
	if len(want) == 0 {
		return nil, errs.New(errs.NotFound, "None of the iPads in Apple School Manager is on the list with serial numbers.", "Bring the list first, or give this server its devices there.")
	}
	ctx, stop := context.WithTimeout(ctx, asmWithin)
	defer stop()
	uuid, err := o.defineProfile(ctx, c)
	if err != nil {
		return nil, err
	}
	refused = map[string]string{}
	for part := range slices.Chunk(want, asmAtOnce) {
		answer, err := c.AssignProfile(ctx, asmName, uuid, part...)
		if err != nil {
			return refused, asmError(err)
		}
		for _, serial := range part {
			if said := string(answer.Devices[serial]); said != "SUCCESS" {
				refused[serial] = mdm.Cut(said)
			}
		}
	}
	var known []string
	for id, serial := range o.look().Serials {
		if _, no := refused[serial]; !no && slices.Contains(want, serial) {
			known = append(known, id)
		}
	}
	return refused, o.Await(known...)
}

// defineProfile gives the UUID of the profile for automated enrolment, in Apple's words
// an automated enrollment profile; it is defined once for each address:
// https://developer.apple.com/documentation/devicemanagement/define-profile.
func (o *Office) defineProfile(ctx context.Context, c *godep.Client) (string, error) {
	if a := o.look().ASM; a.Profile != "" && a.For == o.DeviceURL() {
		return a.Profile, nil
	}
	yes, address, name, magic := true, o.DeviceURL(), o.School, gateway.NewUUID()
	p := &godep.ProfileJson{
		ProfileName: &name, OrgMagic: magic, Url: &address, IsSupervised: &yes, IsMandatory: &yes, IsMdmRemovable: false,
		AwaitDeviceConfigured: new(bool), SkipSetupItems: skipped,
	}
	if o.Root != nil {
		p.AnchorCerts = []string{base64.StdEncoding.EncodeToString(o.Root)}
	}
	answer, err := c.DefineProfile(ctx, asmName, p)
	if err != nil {
		return "", asmError(err)
	}
	if answer.ProfileUuid == nil || *answer.ProfileUuid == "" {
		return "", errs.New(errs.Unavailable, "Apple School Manager took the profile and gave it no name.", "Try again.")
	}
	uuid := mdm.Cut(*answer.ProfileUuid)
	return uuid, o.change(func(s *state) error { s.ASM.Profile, s.ASM.For = uuid, address; return nil })
}

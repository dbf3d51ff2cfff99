package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// demoAgreements are the demonstration school's own words.
var demoAgreements = map[agreements.Kind]string{
	agreements.Staff: "I use the school’s devices and accounts for my work.\n\nI keep them locked when I leave them, and tell IT at once when one is lost.\n\n" +
		"I never use my own phone to photograph or to message pupils.",
	agreements.Visitors:  "I use the school’s devices and network for my visit only.\n\nI take no pictures of pupils, and tell my host when something worries me.",
	agreements.Pupils:    "I look after what the school lends me.\n\nI use it for school work, under my own name, and tell a member of staff when something online worries me.",
	agreements.OwnPhones: "Keep your own phone locked away and silent in lessons, with Bluetooth and sharing hidden.",

	agreements.Parents:     "We have read the school’s agreements on acceptable use, and talk about them at home.\n\nWe call the office when we need to reach our child in school hours.",
	agreements.SocialMedia: "I post for the school from its own accounts only, never about a single pupil, and a colleague reads it first.",
	agreements.Monitoring:  "The school monitors its network, its systems and its devices, and what is done can be traced to a person.\n\nMonitoring keeps to the law on data protection, privacy and human rights.",
	agreements.Briefing:    "When a pupil tells you something that worries you: listen, promise no secrecy, and tell the safeguarding lead before you go home.\n\nSomebody is in danger now: 999, then the office.",
	agreements.Help:        "Speak to any member of staff, or put a note into the box beside the library. Nobody gets into trouble for telling.",
}

// demoLent are who has a device on the morning played, by account. Others have yet to
// sign.
var demoLent = []string{"it", "deputy", "dsl"}

const lendEvery = 100 * time.Millisecond // machine time between two looks at a device

// lendDevices publishes the agreements, lets a few members of staff sign, and gives
// each a device as soon as that has confirmed its passcode.
func (d *demo) lendDevices(ctx context.Context) error {
	head := d.actor(demoSecond)
	for _, k := range agreements.Kinds {
		if _, published := d.server.Agreements.Current(k); published || demoAgreements[k] == "" {
			continue
		}
		if _, err := d.server.Agreements.Publish(ctx, head, agreements.Draft{Kind: k, Text: demoAgreements[k], Parents: agreements.NoYear}); err != nil {
			return err
		}
	}
	for n, account := range demoLent[:min(len(demoLent), d.devices)] {
		who := d.actor(account)
		p, _ := d.server.People.Person(who.Person)
		v, _ := d.server.Agreements.Current(agreements.Staff)
		if err := d.server.Agreements.Sign(ctx, who, agreements.Staff, v.N, p.Name()); err != nil && errs.CodeOf(err) != errs.Conflict {
			return err
		}
		if err := d.lend(ctx, fmt.Sprintf("pad-%02d", n+1), who.Person); err != nil {
			return err
		}
	}
	return d.askMove(ctx)
}

// askMove leaves a device for somebody who knows pupils to decide on: with staff it
// would share in exams and see other sites.
func (d *demo) askMove(ctx context.Context) error {
	pad := fmt.Sprintf("pad-%02d", len(demoLent)+1)
	l, ok := d.server.Fleet.Device(pad)
	to := []string{"staff-ipads"}
	if !ok || len(d.server.Fleet.Moves()) > 0 || !slices.Contains(d.server.Groups(), to[0]) || !d.server.DeviceRules.MoveFilters(l.Device.Groups, to) {
		return nil
	}
	l.Device.Groups = to
	by := change.By{Actor: d.actor("it"), Roles: []roles.Assignment{{Role: roles.IT}}}
	_, err := d.server.Fleet.Change(ctx, by, "A member of staff lost theirs. What pupils left on this one must be cleared first.", l.Device)
	return err
}

// lend issues a device once it may be, unless somebody has it.
func (d *demo) lend(ctx context.Context, device, person string) error {
	for d.server.Fleet.Passcode(device) != fleet.Reported {
		if err := wait.For(ctx, lendEvery); err != nil {
			return err
		}
	}
	if d.server.Fleet.Holder(device) != "" {
		return nil
	}
	err := d.server.Fleet.Issue(ctx, "it", fleet.Handover{Device: device, To: person})
	if code := errs.CodeOf(err); code == errs.Denied || code == errs.Conflict {
		return nil // whoever tries the demonstration out was faster
	}
	return err
}

// actor is whoever holds one of the demonstration's accounts.
func (d *demo) actor(account string) school.Actor {
	for _, a := range demoAccounts {
		if p, ok := d.server.People.ByMIS(a.mis); ok && a.id == account {
			return school.Actor{Account: account, Person: p.ID}
		}
	}
	return school.Actor{Account: account}
}

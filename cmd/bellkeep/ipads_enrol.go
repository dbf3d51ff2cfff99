package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/web/ui"
)

func (p *padCall) serials(ctx context.Context) error {
	in, err := p.file()
	if err != nil {
		return err
	}
	var n int
	if err := p.ask(ctx, in, &n); err != nil {
		return err
	}
	p.say("%d serial numbers are noted. Next: bellkeep ipads invite ID", n)
	return nil
}

func (p *padCall) invite(ctx context.Context) error {
	var link padLink
	if err := p.ask(ctx, padAsked{Devices: p.named}, &link); err != nil {
		return err
	}
	if f, ok := p.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		code, err := ui.TerminalQR(link.Address)
		if err != nil {
			return err
		}
		p.say("%s", code)
	}
	p.say("Hold the camera of %s to the code, or open the address there in Safari. It works once, until %s:\n%s\nThen: bellkeep ipads show %s", p.named[0], moment(link.Until), link.Address, p.named[0])
	return nil
}

func (p *padCall) wait(ctx context.Context) error {
	var link padLink
	if err := p.ask(ctx, padAsked{Devices: p.named}, &link); err != nil {
		return err
	}
	p.say("Waiting for %s until %s. In Apple Configurator the address of the MDM server is\n%s", strings.Join(p.named, ", "), moment(link.Until), link.Address)
	return nil
}

func (p *padCall) key(ctx context.Context) error {
	return p.write(ctx, padAsked{}, "In Apple School Manager choose your name, Preferences, Your MDM Servers, Add, and upload it; the server token it gives is for: bellkeep ipads token FILE")
}

func (p *padCall) token(ctx context.Context) error {
	in, err := p.file()
	if err != nil {
		return err
	}
	var a enrol.ASM
	if err := p.ask(ctx, in, &a); err != nil {
		return err
	}
	p.say("Connected to %s. The server token is good until %s.", a.Org, a.Until.Local().Format("2 January 2006"))
	return nil
}

func (p *padCall) owned(ctx context.Context) error {
	var list []enrol.Owned
	if err := p.ask(ctx, padAsked{}, &list); err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERIAL\tMODEL\tDEVICE\tASSIGNED")
	for _, o := range list {
		device, yes := "not on the list", "no"
		if o.Device != "" {
			device = o.Device
		}
		if o.Ours {
			yes = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.Serial, o.Model, device, yes)
	}
	return w.Flush()
}

func (p *padCall) assign(ctx context.Context) error {
	refused := map[string]string{}
	if err := p.ask(ctx, padAsked{Devices: p.named}, &refused); err != nil {
		return err
	}
	for _, serial := range slices.Sorted(maps.Keys(refused)) {
		p.say("%s was not taken: %s", serial, refused[serial])
	}
	if len(refused) > 0 {
		return errs.New(errs.Conflict, fmt.Sprintf("Apple School Manager did not take %d of %d.", len(refused), len(p.named)), "Look there whether they are given to this server.")
	}
	p.say("Assigned. Each enrols by itself when it is reset and set up, within a day.")
	return nil
}

func (p *padCall) show(ctx context.Context) error {
	var s padStatus
	if err := p.ask(ctx, padAsked{Devices: p.named}, &s); err != nil {
		return err
	}
	for _, step := range []struct {
		what string
		at   time.Time
	}{
		{"It fetched its profile", s.Invited}, {"It has its certificate", s.Issued}, {"It said who it is", s.Authenticated}, {"It can be woken", s.Enrolled},
		{"It said what it is", s.Informed}, {"It took the rules", s.Obeyed},
	} {
		when := "not yet"
		if !step.at.IsZero() {
			when = moment(step.at)
		}
		p.say("%-24s %s", step.what, when)
	}
	if s.Refused != "" {
		p.say("Refused at %s: %s", moment(s.RefusedAt), s.Refused)
	}
	for _, setting := range slices.Sorted(maps.Keys(s.Reported)) {
		o := s.Reported[setting]
		p.say("  %-20s %s %s", setting, o.State, o.Detail)
	}
	return nil
}

func (p *padCall) health(ctx context.Context) error {
	var h gateway.Health
	if err := p.ask(ctx, padAsked{}, &h); err != nil {
		return err
	}
	p.say("%d of %d iPads are under management.", h.Managed, h.Listed)
	switch {
	case h.Push.Topic == "":
		p.say("There is no push certificate: bellkeep ipads request")
	case time.Until(h.Push.Until) < enrol.Soon:
		p.say("The push certificate ends on %s: renew it, with the same Apple Account.", h.Push.Until.Local().Format("2 January 2006"))
	}
	if h.Fault != "" {
		p.say("iPads cannot be woken since %s: %s", moment(h.Since), h.Fault)
	}
	for _, line := range []struct {
		what string
		ids  []string
	}{
		{"Do not answer", h.Away}, {"Wait to be unlocked", h.Locked}, {"Answered with an error", h.Failing}, {"Not supervised", h.Unsupervised},
		{"Could not be woken", h.Unreachable}, {"Not enrolled", h.Waiting},
	} {
		if len(line.ids) > 0 {
			p.say("%s: %s", line.what, strings.Join(line.ids, ", "))
		}
	}
	return nil
}

package main

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
)

func (p *padCall) check(ctx context.Context) error {
	var list []enrol.Check
	if err := p.ask(ctx, padAsked{}, &list); err != nil {
		return err
	}
	bad := 0
	for _, c := range list {
		mark := map[enrol.Verdict]string{enrol.Good: "right", enrol.Doubtful: "LOOK", enrol.Bad: "WRONG"}[c.Verdict]
		p.say("%-6s %s: %s", mark, c.What, c.Found)
		if c.Next != "" {
			p.say("       %s", c.Next)
		}
		if c.Verdict == enrol.Bad {
			bad++
		}
	}
	if bad > 0 {
		return errs.New(errs.Conflict, "Not everything is right yet.", "Put right what is WRONG and look again.")
	}
	return nil
}

func (p *padCall) request(ctx context.Context) error {
	return p.write(ctx, padAsked{}, "Have the vendor sign it; what comes back is for: bellkeep ipads signed FILE")
}

func (p *padCall) signed(ctx context.Context) error {
	in, err := p.file()
	if err != nil {
		return err
	}
	return p.write(ctx, in, "The signature is right. Upload the file at identity.apple.com; what it offers to download is for: bellkeep ipads certificate FILE --account ACCOUNT")
}

func (p *padCall) certificate(ctx context.Context) error {
	in, err := p.file()
	if err != nil {
		return err
	}
	in.Account = p.account
	return p.sayPush(ctx, in)
}

func (p *padCall) push(ctx context.Context) error { return p.sayPush(ctx, padAsked{}) }

// sayPush says how the push certificate stands after a command.
func (p *padCall) sayPush(ctx context.Context, in padAsked) error {
	var has enrol.Push
	if err := p.ask(ctx, in, &has); err != nil {
		return err
	}
	switch {
	case has.Topic == "" && has.Signed:
		p.say("No push certificate yet. The vendor has signed the request of %s: upload it at identity.apple.com.", moment(has.Asked))
	case has.Topic == "" && !has.Asked.IsZero():
		p.say("No push certificate yet. A request was made at %s: have the vendor sign it.", moment(has.Asked))
	case has.Topic == "":
		p.say("No push certificate yet. Begin with: bellkeep ipads request")
	default:
		p.say("%s, good until %s, for %d more days; renewed with the Apple Account %s.", has.Topic, has.Until.Local().Format("2 January 2006"), has.Left(time.Now()), has.Account)
	}
	return nil
}

// moment is a moment for whoever sits at the terminal.
func moment(t time.Time) string { return t.Local().Format("15:04 on 2 January 2006") }

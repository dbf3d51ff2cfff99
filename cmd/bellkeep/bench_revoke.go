package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

const (
	revokeBar  = 5000        // milliseconds
	revokeRest = time.Second // between two decisions, which would be given out together
)

// benchRevoke revokes badges and places holds, and waits each time until every
// bank has it in force on its own ledger and the server's copy says so.
func benchRevoke(ctx context.Context, o benchOptions) (benchResult, error) {
	var revoked, held, disk []float64
	err := inElmfield(ctx, o, func(ctx context.Context, d *demo) error {
		pupils := d.pupils()
		for n := range o.turns {
			badge, err := d.server.Badges.Live(pupils[2*n])
			if err != nil {
				return err
			}
			took, err := d.untilInForce(ctx, func() error { return d.server.Badges.Revoke(ctx, benchBy, badges.Lost, badge.Hash) })
			if err != nil {
				return err
			}
			revoked = append(revoked, took)
			took, err = d.untilInForce(ctx, func() error {
				_, err := d.server.Desk.Place(ctx, benchBy, desk.Hold, locker.Subject{Person: pupils[2*n+1]})
				return err
			})
			if err != nil {
				return err
			}
			held = append(held, took)
			took, err = d.writeRules(o.dir)
			if err != nil {
				return err
			}
			disk = append(disk, took)
			o.say("turn %d: badge %.0f ms, hold %.0f ms", n, revoked[n], held[n])
		}
		return nil
	})
	if err != nil {
		return benchResult{}, err
	}
	return benchResult{Bench: "revoke", Turns: o.turns, Figures: []figure{
		within("badge revoked everywhere", median(revoked), revokeBar, "ms"),
		within("hold in force everywhere", median(held), revokeBar, "ms"),
		beside("hold, beside bare writes", median(held), median(disk), "ms"),
	}}, nil
}

// untilInForce tells how many milliseconds a decision takes until it is in force
// at every bank.
func (d *demo) untilInForce(ctx context.Context, decide func() error) (float64, error) {
	if err := wait.For(ctx, revokeRest); err != nil {
		return 0, err
	}
	seq, began := d.server.Log.Size(), time.Now()
	if err := decide(); err != nil {
		return 0, err
	}
	err := d.allInForce(ctx, seq, 2*revokeBar*time.Millisecond)
	return milliseconds(time.Since(began)), err
}

// writeRules is what no way round is known: the decision's directory written
// durably once for the server and once for each bank, here one after the other.
func (d *demo) writeRules(dir string) (float64, error) {
	sealed, _ := d.server.Rules.Sealed()
	began := time.Now()
	for range len(d.banks) + 1 {
		if err := durable.WriteFile(filepath.Join(dir, "directory"), sealed, 0o600); err != nil {
			return 0, err
		}
	}
	return milliseconds(time.Since(began)), nil
}

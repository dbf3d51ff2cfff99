package main

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// A school that cannot be reached for good, here for want of an address, ends
// the line and not the bank.
func TestDoorsGoOnWithoutTheLine(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var asked atomic.Int32
	now := func() school.Instant {
		if asked.Add(1) == 10 { // only a bank that works asks for the time so often
			stop()
		}
		return school.Instant{Wall: time.Now(), Boot: "one"}
	}
	b := bank{
		station: station.Config{
			Cabinet: cabinet.Cabinet{Setup: locker.Setup{Bank: "a", Doors: []int{1}}, Kiosk: cabinet.Kiosk{Name: "front", Listen: "127.0.0.1:0"}},
			Rules:   locker.Rules{Directory: &locker.Directory{}}, Data: t.TempDir(), Now: now,
		},
		member:  &station.Membership{Identity: &identity.Identity{}},
		beacons: bridge.NewBeacons(now),
	}
	if err := b.work(ctx, io.Discard); err != nil || ctx.Err() == nil {
		t.Errorf("the bank ended with %v", err)
	}
}

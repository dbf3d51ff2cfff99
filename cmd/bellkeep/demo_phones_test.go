package main

import (
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	fleetcommand "github.com/bellkeep/bellkeep/mdm/fleet/command"
)

// The demonstration's staff phones are told their rules and a lock; of neither is
// more said than that it is assumed.
func TestDemoShowsStaffPhones(t *testing.T) {
	t.Parallel()
	d, err := openDemo(t.Context(), demoOptions{
		data: t.TempDir(), school: "mill-lane", listen: "127.0.0.1:0", kiosk: "127.0.0.1:0", mqtt: "127.0.0.1:0", join: "127.0.0.1:0",
		speed: 1, seed: 1, devices: 6,
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	err = d.while(t.Context(), func(context.Context) error {
		until(t, "what the board says of the phones", func() bool {
			assumed := 0
			for _, row := range d.server.Devices.Board().Rows {
				if row.Device.Platform == "headwind" && row.Compliance.Verdict == mdm.OnlyAssumed {
					assumed++
				}
			}
			return assumed == 2
		})
		until(t, "what is known of the lock", func() bool {
			list := d.server.Commands.Of("phone-2", d.clock.Now())
			return len(list) == 1 && list[0].Progress == fleetcommand.HandedOver
		})
		id, err := d.server.Commands.Ask(t.Context(), d.actor("it"), "phone-1", mdm.Wipe, mdm.Args{}, d.clock.Now().Add(time.Hour))
		if err == nil {
			err = d.server.Commands.Approve(t.Context(), d.actor(demoSecond), id)
		}
		if err != nil {
			return err
		}
		until(t, "that a phone was wiped and set up anew", func() bool {
			l, _ := d.server.Commands.Line(id, d.clock.Now())
			return l.Progress == fleetcommand.Done
		})
		if list := phonesOf(d.server); len(list) != 2 || list[0].Label != "Office phone" {
			t.Errorf("the page shows %+v", list)
		}
		if kept, _ := filepath.Glob(filepath.Join(d.data, "server", "headwind", "*.commands.json")); len(kept) != 2 {
			t.Errorf("kept: %v", kept)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

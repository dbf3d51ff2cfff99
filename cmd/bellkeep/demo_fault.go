package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// demoFault is something that breaks on purpose at a time of the school's day.
type demoFault struct {
	bank   string // the bank that dies; "" for the line to the broker
	at     school.Clock
	length time.Duration // how long the line is cut
}

// addCut reads broker@08:31+90s.
func (o *demoOptions) addCut(text string) error {
	what, when, ok := strings.Cut(text, "@")
	clock, length, timed := strings.Cut(when, "+")
	at, err := school.ParseClock(clock)
	d, lengthErr := time.ParseDuration(length)
	if !ok || !timed || what != "broker" || err != nil || lengthErr != nil || d <= 0 || d > time.Hour {
		return fmt.Errorf("write it like broker@08:31+90s, at most an hour")
	}
	o.faults = append(o.faults, demoFault{at: at, length: d})
	return nil
}

// diesAt is when a bank dies unless somebody says when.
var diesAt = school.Clock{Hour: 11}

// addKill reads b@08:33, or b.
func (o *demoOptions) addKill(text string) error {
	bank, clock, timed := strings.Cut(strings.ToLower(text), "@")
	at, err := diesAt, error(nil)
	if timed {
		at, err = school.ParseClock(clock)
	}
	if err != nil || !school.ValidID(bank) {
		return fmt.Errorf("write it like b@08:33")
	}
	o.faults = append(o.faults, demoFault{bank: bank, at: at})
	return nil
}

// checkFaults refuses a bank that is not there.
func (d *demo) checkFaults() error {
	for _, f := range d.faults {
		if f.bank != "" && d.bank(f.bank) == nil {
			return misuse("%s has no bank %q", d.school.Name, f.bank)
		}
	}
	return nil
}

func (d *demo) bank(id string) *demoBank {
	for _, b := range d.banks {
		if b.id == id {
			return b
		}
	}
	return nil
}

// say tells whoever watches what happens, with the school's time.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "%s: %s\n", d.clock.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// breakThings lets every fault happen at its time of one day.
func (d *demo) breakThings(ctx context.Context, day school.Date) {
	for _, f := range d.faults {
		go func() {
			at := day.At(f.at, d.school.Calendar.Zone)
			if d.clock.Sleep(ctx, at.Sub(d.clock.Now())) != nil {
				return
			}
			if f.bank != "" {
				d.say("bank %s dies.", f.bank)
				d.bank(f.bank).kill()
				return
			}
			d.say("the line to the broker is cut.")
			d.server.Cut()
			_ = d.clock.Sleep(ctx, f.length) // mended at the end of the day at the latest
			d.server.Mend()
			d.say("the line to the broker is back.")
		}()
	}
}

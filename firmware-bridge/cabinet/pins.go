package cabinet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/gpio"
	"github.com/bellkeep/bellkeep/internal/config"
)

// chipFile names the pins of one GPIO chip or port expander.
type chipFile struct {
	Label    config.Value[string] `yaml:"label"`
	I2C      int                  `yaml:"i2c"`
	Address  config.Value[int]    `yaml:"address"`
	Relays   []string             `yaml:"relays"`
	Contacts []string             `yaml:"contacts"`
}

func (f chipFile) pins() gpio.Pins {
	return gpio.Pins{Chip: f.Label.V, I2C: f.I2C, Address: f.Address.V, Relays: f.Relays, Contacts: f.Contacts}
}

// pins are boards on no serial line.
type pins struct{ gpio.Config }

// Open takes no line.
func (p pins) Open(hardware.Line) (hardware.LockBus, error) { return gpio.Open(p.Config) }

func gpioPins(f busFile, _ int) Boards {
	c := gpio.Config{
		Trigger: gpio.Trigger(f.Trigger), Polarity: hardware.Polarity(f.Polarity), Pull: gpio.Pull(f.Pull),
		Pulse: f.Pulse.V, Debounce: f.Debounce,
	}
	if f.Pulse.Line == 0 {
		c.Pulse = gpio.DefaultPulse
	}
	for _, chip := range f.Chips {
		c.Boards = append(c.Boards, chip.pins())
	}
	return pins{c}
}

// chips refuses what two buses cannot share: a line, or an expander, which is
// always written as a whole.
func (r *reader) chips(f busFile) {
	for _, chip := range f.Chips {
		line := max(chip.Label.Line, chip.Address.Line)
		if chip.Label.V == "" {
			r.claim("buses", chip.pins().Name(), line)
			continue
		}
		if chip.Address.Line != 0 {
			r.fault(line, "buses: %s: a chip has a label, or an address on I²C, not both", f.Name.V)
		}
		for _, pin := range append(chip.Relays, chip.Contacts...) {
			r.claim("buses", fmt.Sprintf("%s of %s", pin, chip.Label.V), line)
		}
	}
}

// claim notes that a line of the file uses something that only one may.
func (r *reader) claim(key, what string, line int) {
	if first := r.ports[what]; first != 0 {
		r.fault(line, "%s: %s stands on line %d already", key, what, first)
	}
	r.ports[what] = line
}

// NeedsGuard says whether there are coils whose pulse only a program ends.
func (c Cabinet) NeedsGuard() bool {
	return slices.ContainsFunc(c.Buses, func(b Bus) bool { _, is := b.Boards.(pins); return is })
}

// RelaysOff switches off all coils whose pulse only a program ends. It fails
// with Conflict, among others, while a bank is at work on them.
func (c Cabinet) RelaysOff(ctx context.Context) error {
	var all []error
	for _, b := range c.Buses {
		if _, is := b.Boards.(pins); !is {
			continue
		}
		bus, err := b.open(ctx) // which begins with all off
		if err == nil {
			err = bus.Close()
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

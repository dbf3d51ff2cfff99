package gpio

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestValidateGivesEveryFault(t *testing.T) {
	pins := func(relays, contacts string) Pins {
		return Pins{Chip: "pinctrl-rp1", Relays: strings.Fields(relays), Contacts: strings.Fields(contacts)}
	}
	good := Config{Boards: []Pins{pins("GPIO17", "GPIO5")}, Trigger: ActiveHigh, Polarity: hardware.SetIsOpen, Pull: PullUp, Pulse: DefaultPulse}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	expander := Pins{I2C: 1, Address: 0x20, Relays: []string{"A0"}, Contacts: []string{"B0"}}
	for name, tc := range map[string]struct {
		change func(*Config)
		says   []string
	}{
		"nothing":          {func(c *Config) { *c = Config{} }, []string{"not 0", "trigger", "polarity", "pull"}},
		"a pulse too long": {func(c *Config) { c.Pulse = MaxPulse + 1 }, []string{"50ms to 1s"}},
		"no pulse":         {func(c *Config) { c.Pulse = -time.Second }, []string{"50ms to 1s"}},
		"slow contacts":    {func(c *Config) { c.Debounce = time.Second }, []string{"20ms to 50ms"}},
		"no relay":         {func(c *Config) { c.Boards[0].Relays = nil }, []string{"0 relays"}},
		"contact missing":  {func(c *Config) { c.Boards[0].Contacts = nil }, []string{"1 relays and 0 contacts"}},
		"two sizes":        {func(c *Config) { c.Boards = append(c.Boards, pins("GPIO2 GPIO3", "GPIO6 GPIO7")) }, []string{"2 doors"}},
		"a pin twice":      {func(c *Config) { c.Boards[0].Contacts[0] = "GPIO17" }, []string{`"GPIO17" of the pinctrl-rp1 is used twice`}},
		"a pin on two":     {func(c *Config) { c.Boards = append(c.Boards, pins("GPIO4", "GPIO17")) }, []string{"used twice"}},
		"odd address":      {func(c *Config) { c.Boards[0] = expander; c.Boards[0].Address = 0x28 }, []string{"0x20 to 0x27, not at 0x28"}},
		"odd bus":          {func(c *Config) { c.Boards[0] = expander; c.Boards[0].I2C = -1 }, []string{"no I²C bus -1"}},
		"pulled down":      {func(c *Config) { c.Boards[0] = expander; c.Pull = PullDown }, []string{"cannot pull contacts down"}},
		"odd pin":          {func(c *Config) { c.Boards[0] = expander; c.Boards[0].Relays = []string{"A8"} }, []string{`no pin "A8"`}},
		"expander twice": {func(c *Config) {
			c.Boards = []Pins{expander, {I2C: 1, Address: 0x20, Relays: []string{"A1"}, Contacts: []string{"B1"}}}
		}, []string{"named twice"}},
		"too many": {func(c *Config) { c.Boards = make([]Pins, 17) }, []string{"not 17"}},
	} {
		c := good
		c.Boards = []Pins{pins("GPIO17", "GPIO5")}
		tc.change(&c)
		err := c.Validate()
		for _, says := range tc.says {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want it to say %q", name, err, says)
			}
		}
		for _, e := range errs.All(err) {
			if e.Code != errs.Invalid || e.Hint == "" {
				t.Errorf("%s: %v has code %s and hint %q", name, e, e.Code, e.Hint)
			}
		}
		if _, err := Open(c); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: Open = %v", name, err)
		}
	}
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	c := Config{Trigger: ActiveHigh, Polarity: hardware.SetIsOpen, Pull: PullUp, Pulse: DefaultPulse}
	for _, p := range []Pins{
		{Chip: "no such chip", Relays: []string{"GPIO17"}, Contacts: []string{"GPIO5"}},
		{I2C: 1 << 20, Address: 0x20, Relays: []string{"A0"}, Contacts: []string{"B0"}},
	} {
		c.Boards = []Pins{p}
		if _, err := Open(c); err == nil || errs.HintOf(err) == "" {
			t.Errorf("Open on %s = %v, want an error with a hint", p.Name(), err)
		}
	}
}

func TestExplainNamesTheFault(t *testing.T) {
	for cause, want := range map[error]errs.Code{
		unix.EBUSY:       errs.Conflict,
		unix.EPERM:       errs.Denied,
		unix.EACCES:      errs.Denied,
		unix.EINVAL:      errs.Invalid,
		io.ErrNoProgress: errs.Unavailable,
	} {
		if err := explain("pinctrl-rp1", cause); errs.CodeOf(err) != want || errs.HintOf(err) == "" {
			t.Errorf("%v gives %v (%s), want %s and a hint", cause, err, errs.CodeOf(err), want)
		}
	}
}

// What has the name of a chip and is none is passed over.
func TestNoChipIsFoundAmongOtherThings(t *testing.T) {
	folder := t.TempDir()
	for name, of := range map[string]string{"gpiochip0": os.DevNull, "gpiochip1": "/dev/gone"} {
		if err := os.Symlink(of, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := findChip(folder, "pinctrl-rp1"); errs.CodeOf(err) != errs.NotFound || errs.HintOf(err) == "" {
		t.Errorf("findChip = %v, want not found and a hint", err)
	}
}

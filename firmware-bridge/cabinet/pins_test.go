package cabinet

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/gpio"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// A bank on the pins of its own computer, with two scanners that type.
const onPins = `bank: a
kiosk: {name: front, listen: 127.0.0.1:8081}
scanners:
  - {kiosk: front, input: usb-Maker_Scanner_1-event-kbd}
  - {kiosk: front, input: /dev/input/by-path/platform-usb-0:1.2:1.0-event-kbd}
  - {kiosk: front, port: scanner}
buses:
  - name: pins
    driver: gpio
    trigger: active-low
    polarity: set-is-open
    pull: up
    chips:
      - {label: pinctrl-rp1, relays: [GPIO17, GPIO27], contacts: [GPIO5, GPIO6]}
  - name: expander
    driver: gpio
    trigger: active-high
    polarity: set-is-closed
    pull: none
    pulse: 500ms
    debounce: 50ms
    chips:
      - {i2c: 1, address: 0x20, relays: [A0, A1], contacts: [B0, B1]}
      - {i2c: 1, address: 0x21, relays: [A0, A1], contacts: [B0, B1]}
doors:
  - {numbers: 1-2, bus: pins, board: 0, lock: 1}
  - {numbers: 3-6, bus: expander, board: 0, lock: 1}
`

func TestLoadPins(t *testing.T) {
	c, err := load(t, onPins)
	if err != nil {
		t.Fatal(err)
	}
	want := gpio.Config{
		Boards:  []gpio.Pins{{Chip: "pinctrl-rp1", Relays: []string{"GPIO17", "GPIO27"}, Contacts: []string{"GPIO5", "GPIO6"}}},
		Trigger: gpio.ActiveLow, Polarity: hardware.SetIsOpen, Pull: gpio.PullUp, Pulse: gpio.DefaultPulse,
	}
	if got := c.Buses[0].Boards.(pins).Config; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	second := c.Buses[1].Boards.(pins).Config
	if second.Pulse != 500*time.Millisecond || second.Debounce != 50*time.Millisecond || second.Boards[1].Address != 0x21 {
		t.Errorf("%+v", second)
	}
	if c.Buses[1].Doors[6] != (hardware.Channel{Board: 1, Index: 1}) || c.Buses[1].PulseGap != defaultPulseGap {
		t.Errorf("%+v", c.Buses[1])
	}
	for i, want := range []string{"/dev/input/by-id/usb-Maker_Scanner_1-event-kbd", "/dev/input/by-path/platform-usb-0:1.2:1.0-event-kbd", ""} {
		if got := c.Scanners[i]; got.Input != want || (want == "") != (got.Line.Path == "/dev/serial/by-path/scanner") {
			t.Errorf("scanner %d is %+v, want the input %q", i, got, want)
		}
	}
	if len(c.Readers()) != 3 {
		t.Errorf("%d readers", len(c.Readers()))
	}
}

func TestLoadPinsNamesTheFault(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"no trigger", "    trigger: active-low\n", "", `bank.yaml:8: buses: pins: Relays cannot have the trigger ""`},
		{"no pull", "    pull: up\n", "", `bank.yaml:8: buses: pins: Contacts cannot have the pull ""`},
		{"no polarity", "    polarity: set-is-open\n", "", "bank.yaml:8: buses: pins: The bits of door contacts"},
		{"pulse too long", "500ms", "5s", "bank.yaml:15: buses: expander: A coil gets current for 50ms to 1s, not for 5s"},
		{"pulse of nothing", "500ms", "0s", "bank.yaml:15: buses: expander: A coil gets current"},
		{"a serial key", "    pull: up\n", "    pull: up\n    port: bus\n", "bank.yaml:8: buses: pins: port is not for boards of driver gpio"},
		{"boards counted", "    pull: up\n", "    pull: up\n    boards: 1\n", "bank.yaml:8: buses: pins: boards is not for boards of driver gpio"},
		{"a pin on two buses", "{i2c: 1, address: 0x21, relays: [A0, A1], contacts: [B0, B1]}", "{label: pinctrl-rp1, relays: [GPIO17, GPIO4], contacts: [GPIO2, GPIO3]}",
			"bank.yaml:24: buses: GPIO17 of pinctrl-rp1 stands on line 14 already"},
		{"an expander twice", "0x21", "0x20", "bank.yaml:24: buses: expander 0x20 on I²C bus 1 stands on line 23 already"},
		{"two names", "{label: pinctrl-rp1,", "{label: pinctrl-rp1, address: 0x22,", "bank.yaml:14: buses: pins: a chip has a label, or an address"},
		{"door that is not there", "3-6", "3-7", "doors: door 7 does not fit"},
		{"two kinds of scanner", "port: scanner}", "port: scanner, input: other}", "bank.yaml:6: scanners: a scanner has a port, with a baud if need be, or an input, not both"},
		{"a baud for a keyboard", "1-event-kbd}", "1-event-kbd, baud: 9600}", "bank.yaml:4: scanners: a scanner has a port"},
		{"an input twice", "/dev/input/by-path/platform-usb-0:1.2:1.0-event-kbd", "usb-Maker_Scanner_1-event-kbd", "bank.yaml:5: scanners: input /dev/input/by-id/usb-Maker_Scanner_1-event-kbd stands on line 4 already"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, strings.Replace(onPins, c.old, c.new, 1))
			if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) || errs.HintOf(err) == "" {
				t.Errorf("err = %v, want %q", err, c.want)
			}
		})
	}
}

// What is not plugged in is looked for again and again, and said with a next step.
func TestOpeningWhatIsNotThere(t *testing.T) {
	c, err := load(t, strings.Replace(onPins, "pinctrl-rp1", "no-such-chip", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range c.Lines() {
		if bus, err := line.Open(context.Background()); bus != nil || err == nil || errs.HintOf(err) == "" {
			t.Errorf("bus %s: %v, %v (hint %q)", line.Name, bus, err, errs.HintOf(err))
		}
	}
	for _, r := range c.Readers() {
		if s, err := r.Open(context.Background()); s != nil || errs.CodeOf(err) != errs.NotFound || errs.HintOf(err) == "" {
			t.Errorf("scanner: %v, %v (hint %q)", s, err, errs.HintOf(err))
		}
	}
}

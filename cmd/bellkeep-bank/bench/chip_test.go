//go:build bench

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// chip is one of the kernel's pretended GPIO chips.
type chip struct {
	label string
	sys   string         // its folder under /sys/devices/platform
	first int            // the kernel's number of line 0
	lines map[string]int // by name
}

// newChip makes a chip with lines of these names.
func newChip(t *testing.T, label string, names ...string) *chip {
	t.Helper()
	c := &chip{label: label, lines: map[string]int{}}
	device := "/sys/kernel/config/gpio-sim/" + label
	bank := device + "/bank0"
	mkdir(t, bank)
	write(t, bank+"/num_lines", strconv.Itoa(len(names)))
	write(t, bank+"/label", label)
	for i, name := range names {
		line := fmt.Sprintf("%s/line%d", bank, i)
		mkdir(t, line)
		write(t, line+"/name", name)
		c.lines[name] = i
	}
	write(t, device+"/live", "1")
	c.sys = "/sys/devices/platform/" + read(t, device+"/dev_name") + "/" + read(t, bank+"/chip_name")
	c.first = firstNumber(t, label)
	t.Cleanup(func() { c.remove(t, device, len(names)) })
	return c
}

func (c *chip) remove(t *testing.T, device string, lines int) {
	write(t, device+"/live", "0")
	for i := range lines {
		_ = os.Remove(fmt.Sprintf("%s/bank0/line%d", device, i)) // what stays makes the next chip fail
	}
	_ = os.Remove(device + "/bank0")
	if err := os.Remove(device); err != nil {
		t.Error(err)
	}
}

// firstNumber finds the chip among those of the kernel's old interface, which
// is the one that says how lines are counted in its records.
func firstNumber(t *testing.T, label string) int {
	t.Helper()
	folders, err := filepath.Glob("/sys/class/gpio/gpiochip*")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if read(t, folder+"/label") != label {
			continue
		}
		n, err := strconv.Atoi(read(t, folder+"/base"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	t.Fatalf("there is no chip %s in %v", label, folders)
	return 0
}

// pull is what hangs on a line: it has that level unless somebody drives it.
func (c *chip) pull(line string, high bool) error {
	return put(c.file(line, "pull"), map[bool]string{true: "pull-up", false: "pull-down"}[high])
}

func (c *chip) pulledUp(line string) (bool, error) {
	text, err := os.ReadFile(c.file(line, "pull"))
	return strings.TrimSpace(string(text)) == "pull-up", err
}

func (c *chip) high(t *testing.T, line string) bool {
	return read(t, c.file(line, "value")) == "1"
}

func (c *chip) file(line, what string) string {
	return fmt.Sprintf("%s/sim_gpio%d/%s", c.sys, c.lines[line], what)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

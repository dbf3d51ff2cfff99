package machine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/health"
)

// pi lays out what the kernel of a Raspberry Pi shows, and more.
func pi(t *testing.T, alarm, temperature string, firmware ...string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"sys/class/hwmon/hwmon0/name":                         "cpu_thermal",
		"sys/class/hwmon/hwmon1/name":                         "rpi_volt",
		"sys/class/hwmon/hwmon1/in0_lcrit_alarm":              alarm,
		"sys/class/thermal/thermal_zone0/type":                "acpitz",
		"sys/class/thermal/thermal_zone0/temp":                "99000",
		"sys/class/thermal/thermal_zone1/type":                "cpu-thermal",
		"sys/class/thermal/thermal_zone1/temp":                temperature,
		"sys/class/thermal/cooling_device0/state":             "0",
		"sys/devices/platform/soc/soc:firmware/get_throttled": strings.Join(append(firmware, "0x0"), "\n"),
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestProblems(t *testing.T) {
	const plenty = 1 << 40
	for name, c := range map[string]struct {
		root func(t *testing.T) string
		free uint64
		err  error
		want []health.Code
	}{
		"well":                 {func(t *testing.T) string { return pi(t, "0", "51234") }, plenty, nil, nil},
		"weak supply":          {func(t *testing.T) string { return pi(t, "1", "51234") }, plenty, nil, []health.Code{health.Undervoltage}},
		"hot":                  {func(t *testing.T) string { return pi(t, "0", "80000") }, plenty, nil, []health.Code{health.Hot}},
		"nearly hot":           {func(t *testing.T) string { return pi(t, "0", "79999") }, plenty, nil, nil},
		"nonsense":             {func(t *testing.T) string { return pi(t, "", "warm") }, plenty, nil, nil},
		"no Pi":                {(*testing.T).TempDir, plenty, nil, nil},
		"weak by its firmware": {func(t *testing.T) string { return pi(t, "0", "51234", "0x50005") }, plenty, nil, []health.Code{health.Undervoltage, health.Hot}},
		"weak once":            {func(t *testing.T) string { return pi(t, "0", "51234", "50000") }, plenty, nil, nil},
		"hot by its firmware":  {func(t *testing.T) string { return pi(t, "0", "51234", "8") }, plenty, nil, []health.Code{health.Hot}},
		"full":                 {(*testing.T).TempDir, diskLow - 1, nil, []health.Code{health.DiskLow}},
		"disk not known":       {(*testing.T).TempDir, 0, errors.New("no such folder"), nil},
		"everything at once":   {func(t *testing.T) string { return pi(t, "1", "90000") }, 0, nil, []health.Code{health.DiskLow, health.Undervoltage, health.Hot}},
	} {
		t.Run(name, func(t *testing.T) {
			m := Machine{Root: c.root(t), Data: "/data", Free: func(string) (uint64, error) { return c.free, c.err }}
			var got []health.Code
			for _, p := range m.Problems() {
				got = append(got, p.Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestFree(t *testing.T) {
	if free, err := Free(t.TempDir()); err != nil || free == 0 {
		t.Errorf("%d, %v", free, err)
	}
	if _, err := Free(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a folder that is missing has room")
	}
}

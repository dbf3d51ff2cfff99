package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the benches start this program again as one of their parts.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "bench" && benchParts[os.Args[2]] != nil {
		main()
	}
	os.Exit(m.Run())
}

// Every bench runs, as small as it can be. What it measures here says nothing.
func TestBenchesRun(t *testing.T) {
	for _, b := range benches {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			result, err := b.run(t.Context(), benchOptions{dir: t.TempDir(), doors: 2, devices: 3, records: 900, scans: 1, turns: 1, log: &log})
			if err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			if result.Bench != b.name || result.Turns != 1 || len(result.Figures) == 0 {
				t.Errorf("%+v", result)
			}
			for _, f := range result.Figures {
				if f.Got <= 0 && f.Reach != "<= 0" || !f.Met && f.Reach == "<= 0" {
					t.Errorf("%s is %v", f.Name, f.Got)
				}
			}
		})
	}
}

// The benches of a fleet run on a broker beside the server, too, and tell its memory.
func TestBenchesRunOnMosquitto(t *testing.T) {
	for name, run := range map[string]func(context.Context, benchOptions) (benchResult, error){"bell": benchBell, "storm": benchStorm} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			result, err := run(t.Context(), benchOptions{dir: t.TempDir(), devices: 3, turns: 1, broker: mosquittoBroker, log: &log})
			if err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			told := slices.ContainsFunc(result.Figures, func(f figure) bool { return strings.HasPrefix(f.Name, "broker's memory") && f.Got > 0 })
			if result.Bench != name || !told {
				t.Errorf("%+v", result)
			}
		})
	}
}

// A bench's server finds in force what its school's folder says of devices, and has
// nothing to warn of.
func TestABenchBeginsWithItsOwnDeviceRules(t *testing.T) {
	b, err := newBenchSchool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.settle(t.Context(), 1, 1); err != nil {
		t.Fatal(err)
	}
	s, err := b.open(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !s.DeviceRules.Knows(*s.School.Devices) {
		t.Error("the file is taken for one that was edited")
	}
}

func TestBenchVerdict(t *testing.T) {
	r := benchResult{Bench: "x", Turns: 1, Figures: []figure{
		within("fast enough", 200, 300, "ms"), within("too slow", 400, 300, "ms"), atLeast("too few", 3, 10, "/s", 0.5), shown("anyhow", 1, "s"),
	}}
	err := r.verdict()
	if err == nil || !strings.Contains(err.Error(), "too slow; too few.") || exitCode(err, &bytes.Buffer{}) != 1 {
		t.Errorf("the verdict is %v", err)
	}
	r.Figures = r.Figures[:1]
	if err := r.verdict(); err != nil {
		t.Error(err)
	}
	var out strings.Builder
	r.print(&out)
	if !strings.Contains(out.String(), "reach <= 300 ms   reached") {
		t.Error(out.String())
	}
	if text, err := json.Marshal(r); err != nil || !strings.Contains(string(text), `"met":true`) {
		t.Errorf("%s %v", text, err)
	}
}

package enrol

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
)

// All that is wrong with a list is told at once.
func TestSheet(t *testing.T) {
	groups := []string{"year-7", "library"}
	list, err := ReadSheet("\ufeffSerial;Id;Group;Label\ndmpc0000001;IPAD-1;year-7 library;Pad 1\nDMPC0000002;ipad-2;;\n", groups)
	must(t, err)
	want := Expected{mdm.Device{ID: "ipad-1", Label: "Pad 1", Platform: apple.Platform, Groups: []string{"library", "year-7"}}, "DMPC0000001"}
	if len(list) != 2 || !list[0].Device.Equal(want.Device) || list[0].Serial != want.Serial {
		t.Errorf("%+v", list)
	}
	for what, c := range map[string]struct {
		text string
		says []string
	}{
		"nothing":        {"", []string{"empty"}},
		"no id":          {"serial\nDMPC0000001\n", []string{`no column "id"`}},
		"no serial":      {"id\nipad-1\n", []string{`no column "serial"`}},
		"twice a column": {"id,serial,id\n", []string{"two columns"}},
		"a strange one":  {"id,serial,pupil\n", []string{"nobody knows"}},
		"no device":      {"id,serial\n", []string{"no device"}},
		"all at once":    {"id,serial,label,groups\nA B,DMPC0000001,,\nipad-2,short,,\nipad-3,DMPC0000003,,year-9\nipad-3,DMPC0000003,,\n", []string{"Line 2", "Line 3", "serial number", "Line 4", "no group", "Line 5", "device ipad-3 stands in line 4", "serial number DMPC0000003 stands in line 4"}},
		"ragged":         {"id,serial\nipad-1\n", []string{"Line 2", "cells"}},
		"too long":       {"id,serial\n" + strings.Repeat("x", MaxSheet), []string{"longer than"}},
	} {
		_, err := ReadSheet(c.text, groups)
		said := fmt.Sprint(err)
		for _, text := range c.says {
			if err == nil || !strings.Contains(said, text) {
				t.Errorf("%s: %v does not say %q", what, err, text)
			}
		}
		for _, e := range errs.All(err) {
			if e.Field != "csv" {
				t.Errorf("%s: at %q", what, e.Field)
			}
		}
	}
	var many strings.Builder
	many.WriteString("id,serial\n")
	for n := range MaxRows + 1 {
		fmt.Fprintf(&many, "ipad-%d,DMPC%06d\n", n, n)
	}
	if _, err := ReadSheet(many.String(), nil); err == nil {
		t.Error("any number of devices is taken")
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add("id,serial,label,groups\nipad-1,DMPC0000001,Pad,year-7\n")
	f.Add("id;serial\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadSheet(text, []string{"year-7"})
		if err == nil && len(list) == 0 {
			t.Error("nothing, and no fault")
		}
		for _, e := range list {
			if err == nil && (e.Device.Validate() != nil || e.Device.Platform != apple.Platform || !serials.MatchString(e.Serial)) {
				t.Errorf("%+v", e)
			}
		}
	})
}

// A serial number is one device's.
func TestASerialNumberIsOneDevices(t *testing.T) {
	r := withPush(t)
	list, err := ReadSheet("id,serial\nipad-3,DMPC0000001\n", nil)
	must(t, err)
	refused(t, "a serial number that another has", r.Expect(list), errs.Invalid, "csv", "DMPC0000001 is that of device ipad-1 and of ipad-3")
	if r.Serial("ipad-3") != "" {
		t.Error("it was noted all the same")
	}
}

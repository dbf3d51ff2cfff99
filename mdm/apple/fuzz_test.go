package apple

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// Whatever a device answers, what is reported of it can be read by the school, and no
// setting is applied that it did not acknowledge.
func FuzzAnswer(f *testing.F) {
	pad := newIPad(true)
	for _, request := range []string{cmdInfo, cmdSecurity, cmdList, cmdLocation} {
		raw := mustPlist(f, map[string]any{"Command": map[string]any{"RequestType": request}})
		for _, status := range []string{"Acknowledged", "Error", "NotNow", "CommandFormatError", "Idle", ""} {
			f.Add(status, mustPlist(f, pad.obey(raw)))
		}
	}
	f.Add("Acknowledged", []byte(`<plist><dict><key>ProfileList</key><array><string>x</string><dict/></array></dict></plist>`))
	f.Add("Acknowledged", []byte(`<plist><dict><key>SecurityInfo</key><array/><key>QueryResponses</key><dict><key>BatteryLevel</key><real>nan</real></dict></dict></plist>`))
	f.Add("Acknowledged", []byte(`<plist><dict><key>Settings</key><dict><key>Status</key><string>Error</string></dict></dict></plist>`))
	f.Add("Error", []byte(`<plist><dict><key>ErrorChain</key><array><integer>5</integer><dict><key>LocalizedDescription</key><string>&#7;</string></dict></array></dict></plist>`))
	f.Add("Acknowledged", []byte(`<plist><dict><key>Latitude</key><real>1e300</real><key>Longitude</key><real>-inf</real></dict></plist>`))
	f.Fuzz(func(t *testing.T, status string, raw []byte) {
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		w := &world{TB: t, now: now}
		d := NewDevice("ipad-7", time.Time{})
		d.Enrolled(Traits{OSVersion: "18.1"}, now)
		d.Lost = true
		d.Want = mdm.Desired{V: 1, Dev: "ipad-7", Rev: 1, Stage: mdm.Stage{Mode: mdm.Lesson, Set: lesson}}
		for n, op := range mdm.Ops {
			d.Ask(mdm.NewCommand("ipad-7", "c-"+strings.Repeat("x", n+1), op, mdm.Args{}, now, now.Add(time.Hour)), now)
		}
		for range 20 {
			c, _, err := d.Next(now, w.ports())
			if err != nil {
				t.Fatal(err)
			}
			if c == nil {
				break
			}
			acks, events, _ := d.Answer(now, c.UUID, status, raw)
			for _, a := range acks {
				b, _ := json.Marshal(a)
				if _, err := mdm.DecodeAck(b); err != nil {
					t.Errorf("%s: %v", b, err)
				}
			}
			for _, e := range events {
				b, _ := json.Marshal(e)
				if _, err := mdm.DecodeEvent(b); err != nil {
					t.Errorf("%s: %v", b, err)
				}
			}
		}
		r := d.Report("s", now)
		b, err := json.Marshal(r)
		if err == nil {
			_, err = mdm.DecodeReported(b)
		}
		if err != nil {
			t.Errorf("%s: %v", b, err)
		}
		if o := r.Set[mdm.Bluetooth]; o.State == mdm.Applied && !bytes.Contains(raw, []byte("Acknowledged")) {
			t.Errorf("Bluetooth is %+v after %s", o, raw)
		}
		if b, err = json.Marshal(d); err != nil || json.Unmarshal(b, new(Device)) != nil {
			t.Errorf("it cannot be kept: %v", err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd"><plist><dict/></plist>`))
	f.Add([]byte("bplist00\xd1\x01\x01"))
	f.Add([]byte(`<plist><dict><key>a</key><array><data>AA==</data><date>2026-11-23T09:00:00Z</date></array></dict></plist>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := parse(raw)
		if err == nil && (a.why() == "" && a.bluetooth() == "" && !bytes.Contains(raw, []byte("Acknowledged"))) {
			t.Errorf("%s is taken for Bluetooth", raw)
		}
	})
}

func TestDangerousPropertyListsAreRefused(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><plist><string>&b;</string></plist>`
	for what, raw := range map[string]string{
		"too long":    "<plist>" + strings.Repeat(" ", MaxAnswer) + "</plist>",
		"is binary":   "bplist00" + strings.Repeat("\xa1\x00", 40),
		"declares":    bomb,
		"too deep":    strings.Repeat("<array>", maxDepth+1),
		"or too full": "<array>" + strings.Repeat("<true/>", maxElements) + "</array>",
		"is not XML":  "<plist>&lol;</plist>",
	} {
		if err := CheckPlist([]byte(raw)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	d := NewDevice("ipad-7", time.Time{})
	if _, _, err := d.Answer(time.Time{}, "u", "Acknowledged", []byte(bomb)); err == nil {
		t.Error("an answer with entities was read")
	}
}

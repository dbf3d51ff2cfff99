package apple

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// One bell on one iPad: it is asked about, comes by, is given what holds, answers,
// and is reported on.
func BenchmarkBell(b *testing.B) {
	w := empty(b)
	w.enrol()
	w.want(w.day(ruled(nil)))
	w.fine()
	stages := []mdm.Stage{w.day(lesson, ruled(nil)), w.day(ruled(nil))}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		w.now = w.now.Add(time.Second)
		w.want(stages[n%2])
		_ = w.dev.Behind(w.now)
		w.dev.Answer(w.now, "", "Idle", nil)
		for {
			c, _, err := w.dev.Next(w.now, w.ports())
			if c == nil || err != nil {
				break
			}
			raw := settled
			if c.RequestType == cmdSettings {
				raw = radioed
			}
			if _, _, err := w.dev.Answer(w.now, c.UUID, "Acknowledged", raw); err != nil {
				b.Fatal(err)
			}
		}
		_ = w.dev.Report("s", w.now)
	}
}

func BenchmarkBehind(b *testing.B) {
	w := empty(b)
	w.enrol()
	w.want(w.day(lesson, ruled(nil), lesson, ruled(nil), lesson, ruled(nil)))
	w.fine()
	b.ReportAllocs()
	for b.Loop() {
		if w.dev.Behind(w.now) {
			b.Fatal("it is behind")
		}
	}
}

var (
	settled = []byte(`<plist version="1.0"><dict><key>Status</key><string>Acknowledged</string></dict></plist>`)
	radioed = []byte(`<plist version="1.0"><dict><key>Status</key><string>Acknowledged</string><key>Settings</key><array><dict><key>Item</key><string>Bluetooth</string><key>Status</key><string>Acknowledged</string></dict></array></dict></plist>`)
)

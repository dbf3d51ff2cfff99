package history_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

const inExam = `09:00:00-09:00:04 reported user
09:00:04-09:41:00 reported block
09:41:00-09:43:01 offline block
09:43:01-10:30:00 reported block
`

func TestWasTheCameraOffInTheExam(t *testing.T) {
	r := examOf(t)
	if got := r.tell("ipad-7"); got != inExam {
		t.Errorf("the day tells\n%swant\n%s", got, inExam)
	}
	d := r.read()
	if len(d.Bells) != 3 || len(d.Damaged) != 0 || len(d.Gaps) != 0 {
		t.Errorf("%d bells, damaged %v, gaps %v", len(d.Bells), d.Damaged, d.Gaps)
	}
	if d.Proof(clock("10:31:00")) != history.Proved || d.Proof(clock("10:31:30")) != history.Unsigned || len(d.Covering(clock("09:00:00"), clock("10:30:00"))) != 2 {
		t.Errorf("covered by %+v", d.Bells)
	}
	for _, s := range d.Of("ipad-7", mdm.Camera, clock("09:00:00"), clock("10:30:00")) {
		if s.Kept() != (s.Knowing == history.Reported && s.Value == mdm.Block) || s.Waits() != (s.Value == mdm.User) || s.Broke() {
			t.Errorf("%+v", s)
		}
	}
}

// A day that is over answers the same from its packed file, also after a restart.
func TestADayThatIsOver(t *testing.T) {
	r := examOf(t)
	r.Now = clock("23:59:50")
	r.Work()
	r.Now = r.Now.Add(time.Minute)
	r.Work()
	if _, err := os.Stat(filepath.Join(r.Dir, monday.String()+".jsonl.gz")); err != nil {
		t.Error(err)
	}
	r.Start()
	if got := r.tell("ipad-7"); got != inExam {
		t.Errorf("the day tells\n%s", got)
	}
	if d := r.read(); d.Tail || len(d.Damaged) > 0 {
		t.Errorf("%+v", d.Bells)
	}
}

// Whatever is changed, added or left out shows, and only there.
func TestTampering(t *testing.T) {
	for what, change := range map[string]func([]byte) []byte{
		"a value": func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"at":"2026-11-23T09:00:04Z"`), []byte(`"at":"2026-11-23T09:00:01Z"`), 1)
		},
		"a line is gone": func(b []byte) []byte { return without(b, `09:00:04Z","dev"`) },
		"a line more": func(b []byte) []byte {
			return bytes.Replace(b, []byte("{\"k\":\"beat\",\"at\":\"2026-11-23T09:00:"), []byte("{}\n{\"k\":\"beat\",\"at\":\"2026-11-23T09:00:"), 1)
		},
		"the end is cut": func(b []byte) []byte { return b[:len(b)/2] },
		"not a line":     func(b []byte) []byte { return bytes.Replace(b, []byte(`"k":"dev"`), []byte(`"k":"d\u0000`), 3) },
	} {
		t.Run(what, func(t *testing.T) {
			r := examOf(t)
			was := r.file()
			is := change(bytes.Clone(was))
			if bytes.Equal(was, is) {
				t.Fatal("nothing was changed")
			}
			r.rewrite(is)
			if got := r.read().Proof(clock("10:30:00")); got != history.Damaged {
				t.Errorf("the proof is %d", got)
			}
		})
	}
	r := examOf(t)
	r.rewrite(bytes.Replace(r.file(), []byte(`T09:43:01Z"`), []byte(`T09:42:01Z"`), 1))
	d := r.read()
	for at, want := range map[string]history.Proof{"08:59:00": history.Proved, "09:01:00": history.Proved, "09:02:00": history.Damaged, "10:30:00": history.Damaged} {
		if got := d.Proof(clock(at)); got != want {
			t.Errorf("until %s it is %d, want %d", at, got, want)
		}
	}
}

func without(b []byte, with string) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		if !bytes.Contains(line, []byte(with)) {
			out = append(out, line...)
		}
	}
	return out
}

// While the server is down nothing is known, and a power cut takes nothing that was
// written.
func TestTheServerWasDown(t *testing.T) {
	r := newRig(t, "ipad-7")
	r.Work()
	r.Link("ipad-7", true, mdm.Pending)
	r.Want(history.Exam, off)
	r.Say("ipad-7", mdm.Applied, mdm.Block)
	r.At("09:10:00")
	r.rewrite(append(r.file(), `{"k":"dev","at":"2026`...)) // without Close: as a power cut leaves it
	r.Start()
	r.Now = clock("09:20:30")
	r.Work()
	r.At("10:31:30")
	if n := bytes.Count(r.file(), []byte("\n{\"k\":\"open\"")); n != 1 {
		t.Errorf("%d beginnings stand on a line of their own after the first", n)
	}
	want := `09:00:00-09:10:00 reported block
09:10:00-09:20:30 unwatched 
09:20:30-10:30:00 reported block
`
	if got := r.tell("ipad-7"); got != want {
		t.Errorf("the day tells\n%swant\n%s", got, want)
	}
	if d := r.read(); len(d.Damaged) > 0 || d.Tail && len(d.Bells) == 0 {
		t.Errorf("damaged %v", d.Damaged)
	}
}

func TestWhatIsNotSaidIsNotTold(t *testing.T) {
	r := newRig(t, "silent", "guess", "lacks", "back")
	r.Work()
	for d := range r.Rows {
		r.Link(d, true, mdm.Pending)
	}
	r.Want(history.Exam, off)
	r.Say("guess", mdm.Assumed, mdm.Block)
	r.Say("lacks", mdm.Unsupported, "")
	r.Say("back", mdm.Applied, mdm.Block)
	r.Link("back", false, mdm.Offline)
	r.At("09:30:00")
	r.Link("back", true, mdm.Pending) // and says nothing since
	r.At("10:31:30")
	for device, want := range map[string]string{"silent": "silent ", "guess": "assumed block", "lacks": "lacking ", "back": "offline block"} {
		if got := r.tell(device); got != "09:00:00-10:30:00 "+want+"\n" {
			t.Errorf("%s: %s", device, got)
		}
	}
	for _, s := range r.read().Of("guess", mdm.Camera, clock("09:00:00"), clock("10:30:00")) {
		if s.Kept() {
			t.Error("what is assumed counts as in force")
		}
	}
	if c := r.read().Bells[1].Counts; c[mdm.InForce] != 0 || c[mdm.OnlyAssumed] != 1 {
		t.Errorf("the ledger counts %v", c)
	}
}

// A device that never stops talking is kept up to a limit until the next bell, and
// then again.
func TestACrowdOfReports(t *testing.T) {
	r := newRig(t, "loud", "ipad-7")
	r.Work()
	r.Link("loud", true, mdm.Pending)
	r.At("09:05:00")
	for i := range 5000 {
		r.Say("loud", mdm.Applied, []mdm.Value{mdm.Block, mdm.User}[i%2])
	}
	r.At("10:33:00")
	if n := bytes.Count(r.file(), []byte(`"dev":"loud"`)); n > 220 {
		t.Errorf("%d lines are kept", n)
	}
	d := r.read()
	got := spans(d.Of("loud", mdm.Camera, clock("09:00:00"), clock("10:33:00")))
	if !strings.Contains(got, "-10:31:15 crowded") || !strings.HasSuffix(got, "\n10:31:15-10:33:00 reported user\n") {
		t.Errorf("the day tells\n%s", got)
	}
}

// Nothing waits without limit while the disk takes nothing.
func TestMoreThanCanBeKept(t *testing.T) {
	var ids []string
	for i := range 200 {
		ids = append(ids, fmt.Sprintf("d-%d", i))
	}
	r := newRig(t, ids...)
	r.Work()
	for range 190 {
		for _, id := range ids {
			r.Say(id, mdm.Applied, mdm.User)
		}
	}
	r.At("08:32:00")
	d := r.read()
	if len(d.Gaps) != 1 || len(d.Devices("year-11")) != 200 {
		t.Errorf("gaps %v, %d devices", d.Gaps, len(d.Devices("year-11")))
	}
	if got := d.Of("d-199", mdm.Camera, clock("08:30:00"), r.Now); got[len(got)-1].Knowing == history.Unwatched {
		t.Errorf("the day tells\n%s", spans(got))
	}
}

func TestABellThatDoesNotTake(t *testing.T) {
	for _, c := range []struct {
		what            string
		late, violating int
		missed          string
	}{
		{"all took it", 0, 0, ""},
		{"one in ten is late", 1, 0, ""},
		{"two in ten are late", 2, 0, `{"day":"2026-11-23","bell":"Maths exam","rang":"2026-11-23T09:00:00Z","late":2,"devices":10,"groups":[{"id":"year-11","late":2,"of":10}]}`},
		{"one is otherwise in an exam", 0, 1, `{"day":"2026-11-23","bell":"Maths exam","rang":"2026-11-23T09:00:00Z","late":0,"devices":10,"violating":["d-0"],"groups":[{"id":"year-11","violating":1,"of":10}]}`},
	} {
		t.Run(c.what, func(t *testing.T) {
			var ids []string
			for i := range 10 {
				ids = append(ids, fmt.Sprintf("d-%d", i))
			}
			r := newRig(t, ids...)
			r.Work()
			for _, id := range ids {
				r.Link(id, true, mdm.Pending)
			}
			r.At("08:40:00")
			r.At("09:00:00")
			r.Want(history.Exam, off)
			r.At("09:00:05")
			for i, id := range ids {
				switch {
				case i < c.late:
					r.Change(id, func(row *shadow.Row) { row.Verdict = mdm.Late })
				case i < c.late+c.violating:
					r.Say(id, mdm.Overridden, mdm.User)
				default:
					r.Say(id, mdm.Applied, mdm.Block)
				}
			}
			r.At("10:00:00")
			got := strings.Join(r.records(history.KindMissed), "\n")
			if got != c.missed {
				t.Errorf("on the ledger: %s\nwant %s", got, c.missed)
			}
			if last, _ := r.Book.Last(); (last.Missed != nil) != (c.missed != "") || last.Bell != "Maths exam" {
				t.Errorf("%+v", last)
			}
		})
	}
}

// TestRetention: days are kept as long as the school's rule says; the ledger still
// knows how many devices were as they must be.
func TestRetention(t *testing.T) {
	kept := func(rules policy.Rules) string {
		r := examOf(t)
		r.Years = rules.Retention.HardwareYears
		text := ""
		for _, days := range []int{1, 300, 500, 1000, 5000, 10_000} {
			r.Now = clock("08:30:00").AddDate(0, 0, days)
			r.Work()
			r.Now = r.Now.Add(12 * time.Hour)
			r.Work()
			_, err := r.Read(monday)
			text += fmt.Sprint(days, err == nil, errs.CodeOf(err), "; ")
		}
		if bells := r.Book.Of(monday); bells[1].Counts[mdm.InForce] != 1 || bells[1].Devices != 1 {
			t.Errorf("the ledger says %+v", bells[1])
		}
		return text
	}
	base := policy.Default()
	if got := kept(base); !strings.HasPrefix(got, "1 true; 300 true; 500 falsenot") {
		t.Errorf("with the usual rules: %s", got)
	}
	policytest.Watch(t, base, kept, "retention.hardware_years")
}

// A clock that leaps back to a day that was packed goes on with it.
func TestTheClockGoesBack(t *testing.T) {
	r := examOf(t)
	r.Now = clock("08:00:00").AddDate(0, 0, 3)
	r.Work()
	must(t, r.Close())
	r.Now = clock("16:00:00")
	r.Start()
	r.Work()
	if got := r.tell("ipad-7"); got != inExam {
		t.Errorf("the day tells\n%s", got)
	}
	if d := r.read(); len(d.Damaged) > 0 {
		t.Errorf("damaged %v", d.Damaged)
	}
}

// FuzzRead: whatever is in a file, reading ends, and what is told has no holes and
// does not overlap.
func FuzzRead(f *testing.F) {
	f.Add(examOf(f).file())
	f.Add([]byte("{\"k\":\"dev\",\"dev\":\"ipad-7\",\"want\":9}\n{\"k\":\"lost\"}\n\n{"))
	r := newRig(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r.T = t
		r.rewrite(data)
		at := clock("09:00:00")
		for _, s := range r.read().Of("ipad-7", mdm.Camera, at, clock("10:30:00")) {
			if !s.From.Equal(at) || !s.Until.After(s.From) {
				t.Errorf("%v to %v after %v", s.From, s.Until, at)
			}
			at = s.Until
		}
	})
}

// BenchmarkDay is what a school day of a thousand devices takes on disk: fourteen
// bells, each with a revision, a report on its way and one of what was done.
func BenchmarkDay(b *testing.B) {
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprintf("ipad-%d", i))
	}
	for b.Loop() {
		r := newRig(b, ids...)
		r.Work()
		for _, id := range ids {
			r.Link(id, true, mdm.Pending)
		}
		sets := []mdm.Set{mdm.Unmanaged(), mdm.Unmanaged()}
		sets[1][mdm.Camera], sets[1][mdm.Bluetooth] = mdm.Block, mdm.Block
		for bell := range 14 {
			r.Now = clock("08:40:00").Add(time.Duration(bell) * 30 * time.Minute)
			r.Want(mdm.Lesson, sets[bell%2])
			for i, id := range ids {
				r.Now = r.Now.Add(7 * time.Millisecond)
				for _, state := range []mdm.State{mdm.Updating, mdm.Applied} {
					r.Change(id, func(row *shadow.Row) {
						report := mdm.NewReported(row.Rev, row.Want.Mode, fmt.Sprint(i), r.Now)
						for s, v := range row.Want.Set {
							report.Set[s] = mdm.Outcome{State: state, Value: v}
						}
						row.Said, row.Heard, row.Verdict = &report, r.Now, mdm.InForce
					})
				}
			}
			r.Work()
		}
		b.ReportMetric(float64(len(r.file()))/1e6, "MB/day")
		r.Now = clock("09:00:00").AddDate(0, 0, 1)
		r.Work()
		info, err := os.Stat(filepath.Join(r.Dir, monday.String()+".jsonl.gz"))
		must(b, err)
		b.ReportMetric(float64(info.Size())/1e6, "MB/day-packed")
		began := time.Now()
		if d := r.read(); len(d.Of("ipad-500", mdm.Camera, clock("09:00:00"), clock("15:00:00"))) < 10 {
			b.Fatal("too little is told")
		}
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/read")
	}
}

package history_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// diskFull lets the file of the day grow by so many bytes and no more while
// something is done. The limit is the process's: no test beside it may write.
func (r *rig) diskFull(room int, do func()) {
	r.T.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var was syscall.Rlimit
	must(r.T, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
	now := was
	now.Cur = uint64(len(r.file()) + room)
	must(r.T, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
	do()
	must(r.T, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was))
}

func (r *rig) stepFails() {
	r.T.Helper()
	if err := r.Step(context.Background()); err == nil {
		r.T.Error("the disk took what it had no room for")
	}
}

// What a device said while the disk took nothing is told as not watched, however much
// of it arrived, and never as what it said before.
func TestTheDiskWasFull(t *testing.T) {
	for what, room := range map[string]int{"nothing is written": 0, "part of a word": 20, "lines and part of one": 500} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t, "ipad-7", "ipad-8")
			r.Work()
			for id := range r.Rows {
				r.Link(id, true, mdm.Pending)
				r.Say(id, mdm.Applied, mdm.User)
			}
			r.At("09:00:00")
			r.Want(history.Exam, off)
			r.At("09:00:04")
			r.Say("ipad-7", mdm.Applied, mdm.Block)
			r.Say("ipad-8", mdm.Applied, mdm.Block)
			r.At("09:20:00")
			r.diskFull(room, func() {
				r.Say("ipad-7", mdm.Overridden, mdm.Allow)
				r.Now = r.Now.Add(5 * time.Second)
				r.Say("ipad-8", mdm.Failure, mdm.Allow)
				r.stepFails()
				r.Say("ipad-8", mdm.Applied, mdm.Block)
				r.Now = r.Now.Add(5 * time.Second)
				r.stepFails()
			})
			r.At("10:32:00")
			d := r.read()
			for _, id := range []string{"ipad-7", "ipad-8"} {
				for _, s := range d.Of(id, mdm.Camera, clock("09:20:00"), clock("09:20:10")) {
					if s.Knowing == history.Reported && s.Value == mdm.Block && s.Until.After(clock("09:20:05")) {
						t.Errorf("%s is told as\n%s", id, r.tell(id))
					}
				}
			}
			if got := r.tell("ipad-7"); !strings.HasSuffix(got, "-10:30:00 reported allow\n") || !strings.Contains(got, "unwatched") {
				t.Errorf("the day tells\n%s", got)
			}
			if got := r.tell("ipad-8"); !strings.HasSuffix(got, "-10:30:00 reported block\n") || !strings.Contains(got, "unwatched") {
				t.Errorf("of the other it tells\n%s", got)
			}
			if len(d.Gaps) == 0 || len(d.Damaged) > 0 || d.Proof(clock("10:30:00")) != history.Proved {
				t.Errorf("gaps %v, damaged %v", d.Gaps, d.Damaged)
			}
		})
	}
}

// A report from before a device came back is not taken for a new one, though lines
// were lost while it was away.
func TestAnOldReportStaysOldThroughALoss(t *testing.T) {
	r := newRig(t, "ipad-7")
	r.Work()
	r.Link("ipad-7", true, mdm.Pending)
	r.Want(history.Exam, off)
	r.Say("ipad-7", mdm.Applied, mdm.Block)
	r.At("09:10:00")
	r.diskFull(0, func() {
		r.Change("ipad-7", func(row *shadow.Row) { row.Rev++ })
		r.stepFails()
		r.Link("ipad-7", false, mdm.Offline)
		r.Now = r.Now.Add(time.Second)
		r.stepFails()
		r.Link("ipad-7", true, mdm.Pending) // and says nothing
	})
	r.At("10:31:30")
	if got := r.tell("ipad-7"); !strings.HasSuffix(got, "-10:30:00 offline block\n") {
		t.Errorf("the day tells\n%s", got)
	}
}

// However long the disk takes nothing, a device is kept again from when it does.
func TestALongFailureCountsAsNothingSaid(t *testing.T) {
	r := newRig(t, "ipad-7")
	r.Work()
	r.Link("ipad-7", true, mdm.Pending)
	r.Want(history.Exam, off)
	r.Say("ipad-7", mdm.Applied, mdm.Block)
	r.At("09:10:00")
	r.diskFull(0, func() {
		for range 300 {
			r.Now = r.Now.Add(time.Second)
			r.Change("ipad-7", func(row *shadow.Row) { row.Rev++ })
			r.stepFails()
		}
	})
	r.Work()
	r.Say("ipad-7", mdm.Applied, mdm.Block)
	r.At("09:30:00")
	if got := r.tell("ipad-7"); !strings.HasSuffix(got, "-09:30:00 reported block\n") {
		t.Errorf("the day tells\n%s", got)
	}
}

// A day whose file cannot be begun is begun again, not written into as if it was.
func TestADayThatCannotBegin(t *testing.T) {
	r := newRig(t, "ipad-7")
	must(t, os.WriteFile(r.Dir+"/"+monday.String()+".jsonl", nil, 0o600))
	r.diskFull(0, r.stepFails)
	r.Work()
	if !bytes.HasPrefix(r.file(), []byte(`{"k":"open"`)) {
		t.Errorf("it begins %.80s", r.file())
	}
}

// flood has a device say as much as it can, something else each time.
func (r *rig) flood(device string, times int) {
	for n := range times {
		r.Change(device, func(row *shadow.Row) {
			report := mdm.NewReported(row.Rev, row.Want.Mode, "s", r.Now)
			for s := range mdm.Unmanaged() {
				report.Set[s] = mdm.Outcome{State: mdm.Failure, Value: mdm.Value(fmt.Sprintf("%q", strings.Repeat("v", 250)+fmt.Sprint(n))), Detail: strings.Repeat("é", 95) + fmt.Sprint(n)}
			}
			for s := range 24 {
				report.Set[mdm.Setting(fmt.Sprintf("made-up-%d-%d", s, n))] = mdm.Outcome{State: mdm.Failure, Detail: strings.Repeat("d", 190)}
			}
			row.Said = &report
		})
	}
}

// However much one device says, what is kept of it until a bell is bounded; after the
// bell it is kept again.
func TestOneDeviceTakesSoMuch(t *testing.T) {
	r := newRig(t, "loud", "ipad-7")
	r.Work()
	r.Link("loud", true, mdm.Pending)
	r.At("08:45:00")
	before := len(r.file())
	for range 8 { // fewer lines than one device may have
		r.flood("loud", 20)
		r.Work()
	}
	r.At("08:59:00")
	if n := len(r.file()) - before; n > 40<<10 {
		t.Errorf("%d bytes are kept of one device between two bells", n)
	}
	if bytes.Contains(r.file(), []byte("made-up")) {
		t.Error("settings are kept that there are not")
	}
	r.At("09:02:00")
	r.Say("loud", mdm.Applied, mdm.Block)
	r.At("09:03:00")
	d := r.read()
	got := spans(d.Of("loud", mdm.Camera, clock("08:45:00"), clock("09:03:00")))
	if !strings.Contains(got, "-09:01:15 crowded") || !strings.HasSuffix(got, "09:02:00-09:03:00 reported block\n") {
		t.Errorf("the day tells\n%s", got)
	}
}

// A day that is full says so once; whoever had a word in it before is told of as not
// watched, and not as silent.
func TestADayThatIsFull(t *testing.T) {
	r := newRig(t, "loud", "ipad-7")
	r.Work()
	r.Link("loud", true, mdm.Pending)
	r.Link("ipad-7", true, mdm.Pending)
	r.Say("ipad-7", mdm.Applied, mdm.User)
	r.At("09:00:00")
	r.Want(history.Exam, off)
	r.At("09:10:00")
	r.Limit(int64(len(r.file())) + 300)
	r.Say("ipad-7", mdm.Applied, mdm.Block) // its words are thrown away with those of the other
	r.flood("loud", 10)
	r.Work()
	size := len(r.file())
	r.At("09:30:00")
	if n := bytes.Count(r.file(), []byte(`"lost"`)); n != 1 || len(r.file()) > size+1500 {
		t.Errorf("it is said %d times; %d bytes more", n, len(r.file())-size)
	}
	if got := r.tell("ipad-7"); strings.Contains(got, "silent") || strings.Contains(got, "block") || !strings.HasSuffix(got, "-09:30:00 unwatched \n") {
		t.Errorf("the day tells\n%s", got)
	}
	r.Limit(1 << 20)
	r.At("10:31:30")
	if got := r.tell("ipad-7"); !strings.HasSuffix(got, "-10:30:00 reported block\n") || strings.Contains(got, "silent") {
		t.Errorf("with room again the day tells\n%s", got)
	}
}

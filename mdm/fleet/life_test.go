package fleet

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Nobody has a device who has not signed, and no device without a confirmed passcode
// is with somebody.
func TestIssueAsksBeforeItRecords(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.must(r.List(ctx, "it", device(1), device(2)))
	size := r.log.Size()
	give := Handover{Device: "ipad-1", To: "s-one"}
	r.unsigned["s-one"] = true
	r.code("unsigned", r.Issue(ctx, "it", give), errs.Denied)
	r.unsigned["s-one"] = false
	r.passcode["ipad-1"] = "x"
	r.code("passcode not confirmed", r.Issue(ctx, "it", give), errs.Denied)
	r.passcode["ipad-1"] = Assumed
	r.code("assumed, and nobody looked", r.Issue(ctx, "it", give), errs.Invalid)
	if r.log.Size() != size {
		t.Error("a refusal was recorded as an issue")
	}
	give.Seen = true
	r.must(r.Issue(ctx, "it", give))
	if line := r.Register()[0]; line.Passcode != Seen {
		t.Errorf("the register says %q", line.Passcode)
	}
	bare := New(Config{Log: r.log, Stamp: r.Stamp})
	r.must(r.log.Read(ctx, 0, bare.Fold))
	r.code("with nobody to ask", bare.Issue(ctx, "it", Handover{Device: "ipad-2", To: "s-one"}), errs.Unavailable)
}

// A lost device is with nobody new until it is found.
func TestLostAndFound(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.must(r.List(ctx, "it", device(1)))
	r.code("found without having been lost", r.Find(ctx, "ipad-1", "it"), errs.Conflict)
	r.must(r.Lose(ctx, "ipad-1", "office"))
	r.code("lost twice", r.Lose(ctx, "ipad-1", "it"), errs.Conflict)
	r.code("issued while lost", r.Issue(ctx, "it", Handover{Device: "ipad-1", To: "s-one"}), errs.Conflict)
	if l, _ := r.again().Device("ipad-1"); l.Lost.By != "office" || !l.Lost.At.Equal(monday.Add(1e9*60)) {
		t.Errorf("lost: %+v", l.Lost)
	}
	r.must(r.Find(ctx, "ipad-1", "it"))
	r.must(r.Issue(ctx, "it", Handover{Device: "ipad-1", To: "s-one"}))
}

// A replacement moves the holder's line in one record.
func TestReplace(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.must(r.List(ctx, "it", device(1), device(2), device(3)))
	r.code("nobody has it", r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-2"}), errs.Conflict)
	r.must(r.Issue(ctx, "it", Handover{Device: "ipad-1", To: "s-one"}))
	r.code("by itself", r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-1"}), errs.Invalid)
	r.code("by one there is not", r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-9"}), errs.NotFound)
	r.passcode["ipad-2"] = "x"
	r.code("by one without a passcode", r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-2"}), errs.Denied)
	r.passcode["ipad-2"] = Reported
	r.unsigned["s-one"] = true
	r.code("for somebody who must sign anew", r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-2", To: "s-two"}), errs.Denied)
	r.unsigned["s-one"] = false
	size := r.log.Size()
	r.must(r.Replace(ctx, "ipad-1", "it", Handover{Device: "ipad-2"}))
	if r.log.Size() != size+1 {
		t.Error("it took more than one record")
	}
	lines := r.again().Register()
	old, _ := r.Device("ipad-1")
	if len(lines) != 2 || lines[0].Until.IsZero() || lines[1].To != "s-one" || lines[1].Device != "ipad-2" || !lines[1].From.Equal(lines[0].Until) || old.Retired.IsZero() || old.ReplacedBy != "ipad-2" || old.Holder != "" {
		t.Errorf("register %+v, old %+v", lines, old)
	}
}

func TestReadSheet(t *testing.T) {
	groups := []string{"staff", "year-7"}
	list, err := ReadSheet("\ufeffID;Label;Group;Platform;Flags\nIPAD-1;iPad 1;year-7 staff;iPad;classroom assistive\n\nipad-2;;;linux;\n", groups)
	if err != nil || len(list) != 2 || list[0].ID != "ipad-1" || list[0].Groups[0] != "staff" || len(list[0].Flags) != 2 || list[1].Platform != "linux" {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = ReadSheet("id,platform,groups\na b,ipad,\nipad-1,ipad,year-9\nipad-2,,\nipad-1,ipad,\n", groups)
	var told []string
	for _, e := range errs.All(err) {
		told = append(told, e.Message[:7])
	}
	if len(told) != 4 || told[0] != "Line 2:" || told[3] != "Line 5:" {
		t.Errorf("faults %q: %v", told, err)
	}
	for name, text := range map[string]string{
		"empty": "", "no id": "label,platform\nx,y\n", "only a heading": "id,platform\n", "twice": "id,id,platform\n", "ragged": "id,platform\na\n", "quote": "id,platform\n\"a,b\n",
	} {
		if _, err := ReadSheet(text, groups); len(errs.All(err)) == 0 || errs.All(err)[0].Field != "csv" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add("id,platform,label,groups,flags\nipad-1,ipad,One,g,assistive\n")
	f.Add("id;platform\n\"a\nb\";x\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadSheet(text, []string{"g"})
		if err != nil {
			return
		}
		for _, d := range list {
			if err := CheckDevice(d, []string{"g"}); err != nil {
				t.Errorf("taken with %v", err)
			}
		}
	})
}

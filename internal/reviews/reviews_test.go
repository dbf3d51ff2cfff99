package reviews

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// office is a book on a ledger with a clock.
type office struct {
	*Book
	t     *testing.T
	log   *memlog.Log
	vault vaulttest.Memory
	now   time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, log: log, vault: vaulttest.Memory{}, now: monday}
	o.Book = New(log, o.vault, o.stamp)
	return o
}

func (o *office) stamp() ledger.Stamp { return ledger.Stamp{Wall: o.now, Trusted: true} }

// happens puts another book's record on the ledger.
func (o *office) happens(kind, bank string) {
	o.t.Helper()
	e, err := ledger.NewEntry(kind, o.stamp(), map[string]string{"bank": bank})
	if err == nil {
		err = ledger.Commit(o.t.Context(), o.log, o.Fold, e)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) runs(of, version string) {
	o.t.Helper()
	if err := o.Runs(o.t.Context(), of, version); err != nil {
		o.t.Fatal(err)
	}
}

var head = school.Actor{Account: "head", Person: "s-head"}

// Every technical change asks for a review, which waits until it is answered.
func TestPrompts(t *testing.T) {
	o := newOffice(t)
	o.happens("bank-listed", "a")
	o.runs("school", "1.0")
	o.runs("a", "1.0")
	if len(o.Open()) != 0 {
		t.Errorf("while the school is set up: %+v", o.Open())
	}
	o.now = monday.AddDate(0, 1, 0)
	o.happens("attendance-marked", "")
	o.happens("bank-listed", "b")
	o.happens("bank-replaced", "a")
	o.happens("change-published", "")
	o.happens("change-rolled-back", "")
	o.runs("school", "1.1")
	o.runs("school", "1.1") // started once more
	o.runs("a", "1.1")
	o.runs("b", "1.1") // what it runs from the beginning
	var got []Prompt
	for _, p := range o.Open() {
		p.Seq, p.At = 0, time.Time{}
		got = append(got, p)
	}
	want := []Prompt{{What: Bank, Of: "b"}, {What: Machine, Of: "a"}, {What: DeviceRules}, {What: DeviceRules}, {What: Software, Of: "school", Now: "1.1"}, {What: Software, Of: "a", Now: "1.1"}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
	o.now = o.now.AddDate(1, 0, 0)
	again := New(o.log, o.vault, o.stamp)
	if err := o.log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	if len(again.Open()) != len(want) {
		t.Errorf("a year and a start later %d wait", len(again.Open()))
	}
}

func TestAnswer(t *testing.T) {
	o := newOffice(t)
	o.happens("policy-set", "")
	o.now = monday.AddDate(0, 1, 0)
	o.happens("bank-listed", "b")
	o.happens("bank-replaced", "b")
	one, two := o.Open()[0].Seq, o.Open()[1].Seq
	ok := Said{Prompts: []uint64{one}, Outcome: Stands, Text: "The same kind of bank as before."}
	for name, c := range map[string]struct {
		who  school.Actor
		said Said
		code errs.Code
	}{
		"nobody":      {school.Actor{Account: "head"}, ok, errs.Denied},
		"no prompts":  {head, Said{Outcome: Stands, Text: ok.Text}, errs.Invalid},
		"no outcome":  {head, Said{Prompts: ok.Prompts, Text: ok.Text}, errs.Invalid},
		"no reason":   {head, Said{Prompts: ok.Prompts, Outcome: Stands, Text: "ok"}, errs.Invalid},
		"not waiting": {head, Said{Prompts: []uint64{one, 999}, Outcome: Stands, Text: ok.Text}, errs.Conflict},
	} {
		if err := o.Answer(t.Context(), c.who, c.said); errs.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := o.Answer(t.Context(), head, ok); err != nil {
		t.Fatal(err)
	}
	if open := o.Open(); len(open) != 1 || open[0].Seq != two {
		t.Errorf("still open: %+v", open)
	}
	if a := o.Answers(); len(a) != 1 || a[0].Text != ok.Text || a[0].Person != "s-head" || a[0].Outcome != Stands {
		t.Errorf("answers %+v", a)
	}
	if err := o.Answer(t.Context(), head, ok); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a second answer: %v", err)
	}
}

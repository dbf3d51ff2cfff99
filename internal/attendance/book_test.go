package attendance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

func nobody(string) bool { return false }

func only(ids ...string) func(string) bool {
	return func(id string) bool { return slices.Contains(ids, id) }
}

// The list at 08:55: present, less those who handed in, may keep it, or have none.
func TestMissing(t *testing.T) {
	o := newOffice(t)
	o.mark(t, monday, map[string]Mark{"ann": Present, "bob": Present, "cay": Late, "dan": Absent, "eve": Present, "fay": Present, "gus": Left})
	o.mark(t, monday, map[string]Mark{"eve": NoPhone, "hal": NoPhone})
	d := o.Day(monday)
	if got := d.Missing(only("bob", "dan"), only("fay")); !slices.Equal(got, []string{"ann", "cay"}) {
		t.Errorf("missing are %v", got)
	}
	if got := d.Absentees(only("bob", "dan")); !slices.Equal(got, []string{"dan"}) {
		t.Errorf("absent and handed in are %v", got)
	}
	if got := d.Marked(); !maps.Equal(got, map[Mark]int{Present: 4, Late: 1, Absent: 1, Left: 1}) {
		t.Errorf("marked %v", got)
	}
	if got := o.Day(monday.Next()); len(got.Missing(nobody, nobody)) != 0 || got.Of("ann") != (Standing{}) {
		t.Errorf("of a day nobody spoke of: %+v", got)
	}
}

func TestUndo(t *testing.T) {
	o := newOffice(t)
	o.mark(t, monday, map[string]Mark{"ann": Present})
	wrong := o.mark(t, monday, map[string]Mark{"ann": Absent, "bob": Absent})
	o.mark(t, monday, map[string]Mark{"bob": Late})
	if err := o.Undo(t.Context(), "head", wrong.ID); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*Book{o.Book, o.again(t)} {
		d := b.Day(monday)
		if d.Of("ann").Register != Present || d.Of("bob").Register != Late {
			t.Errorf("after undoing: %+v, %+v", d.Of("ann"), d.Of("bob"))
		}
		if list := d.Batches(); len(list) != 3 || list[1].Undone != "head" || list[1].Count != 2 {
			t.Errorf("batches %+v", list)
		}
	}
	if err := o.Undo(t.Context(), "head", wrong.ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("undone twice: %v", err)
	}
	if err := o.Undo(t.Context(), "head", "m-none"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("undone what is not: %v", err)
	}
}

// A file of a whole large school is one batch: all of it or nothing.
func TestALargeFileIsOneBatch(t *testing.T) {
	o := newOffice(t)
	marks := map[string]Mark{}
	for i := range MaxMarks {
		marks[fmt.Sprintf("%036d", i)] = Marks()[i%4]
	}
	batch := o.mark(t, monday, marks)
	if batch.Count != MaxMarks || len(o.Day(monday).Batches()) != 1 {
		t.Errorf("%+v", batch)
	}
	if got := o.again(t).Day(monday).Marked(); got[Present] != MaxMarks/4 {
		t.Errorf("read again: %v", got)
	}
	marks["one-more"] = Present
	if _, err := o.Mark(t.Context(), "office", monday, ByFile, marks); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("more than may be: %v", err)
	}
}

func TestMarksRefused(t *testing.T) {
	o := newOffice(t)
	for range Days {
		o.mark(t, school.DateOf(o.now), map[string]Mark{"ann": Present})
		o.now = o.now.AddDate(0, 0, 1)
	}
	today := school.DateOf(o.now)
	for name, c := range map[string]struct {
		by    string
		day   school.Date
		marks map[string]Mark
		code  errs.Code
	}{
		"tomorrow":       {"office", today.Next(), map[string]Mark{"ann": Present}, errs.NotNow},
		"too long ago":   {"office", monday.Add(-1), map[string]Mark{"ann": Present}, errs.NotNow},
		"nobody":         {"office", today, nil, errs.Invalid},
		"a name":         {"office", today, map[string]Mark{"Ann Smith": Present}, errs.Invalid},
		"no such mark":   {"office", today, map[string]Mark{"ann": "sleepy"}, errs.Invalid},
		"by nobody":      {"", today, map[string]Mark{"ann": Present}, errs.Invalid},
		"by a full name": {"Ann Smith", today, map[string]Mark{"ann": Present}, errs.Invalid},
	} {
		size := o.log.Size()
		if _, err := o.Mark(t.Context(), c.by, c.day, ByHand, c.marks); errs.CodeOf(err) != c.code || errs.HintOf(err) == "" || o.log.Size() != size {
			t.Errorf("%s: %v, %d records more", name, err, o.log.Size()-size)
		}
	}
}

func TestOldDaysAreForgotten(t *testing.T) {
	o := newOffice(t)
	first := o.mark(t, monday, map[string]Mark{"ann": Present})
	for range Days {
		o.now = o.now.AddDate(0, 0, 1)
		o.mark(t, school.DateOf(o.now), map[string]Mark{"ann": Present})
	}
	if len(o.days) != Days || len(o.batches) != Days {
		t.Errorf("%d days and %d batches are kept", len(o.days), len(o.batches))
	}
	if o.Day(monday).Of("ann") != (Standing{}) {
		t.Error("the oldest day is still there")
	}
	if err := o.Undo(t.Context(), "office", first.ID); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("undoing a day that is forgotten: %v", err)
	}
}

// Records that do not fit leave the book as it was.
func FuzzFold(f *testing.F) {
	for _, kind := range []string{KindMarked, KindUndone, KindLeave} {
		for _, body := range []string{
			`{"by":"office","batch":"m-1","day":"2026-11-23","how":"hand","marks":{"present":["ann"],"absent":["bob"]}}`,
			`{"by":"office","batch":"m-1","day":"2026-11-23","marks":{"sleepy":["ann"]}}`,
			`{"by":"office","batch":"","day":"2026-11-23"}`, `{"batch":"m-1","day":"23/11/2026"}`,
			`{"by":"office","grant":"g-1","person":"ann","reason":"ill","until":"2026-11-23T15:00:00Z","content":"none"}`,
			`{}`, `[]`, `null`, `{"marks":[]}`,
		} {
			f.Add(kind, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		o := newOffice(t)
		o.mark(t, monday, map[string]Mark{"ann": Late})
		before := fmt.Sprint(o.Day(monday))
		err := o.Fold(ledger.Record{Entry: ledger.Entry{Kind: kind, Body: body, Stamp: ledger.Stamp{Wall: morning}}})
		if after := fmt.Sprint(o.Day(monday)); err != nil && after != before {
			t.Errorf("a refused record changed the book: %v", err)
		}
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Error(err)
		}
	})
}

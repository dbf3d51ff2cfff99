package mdm_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

func TestAMomentIsOfTodayOrHasItsDay(t *testing.T) {
	zone := time.FixedZone("", 3600)
	now := time.Date(2026, 11, 23, 0, 30, 0, 0, zone)
	for at, want := range map[time.Time]string{
		now.Add(-20 * time.Minute).UTC(): "00:10:00", // where it was the day before
		now.Add(-time.Hour):              "22 November 23:30:00",
		now.AddDate(-1, 0, 0):            "23 November 00:30:00",
	} {
		if got := mdm.Moment(at, now); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
}

func TestWhatDocumentIsNews(t *testing.T) {
	d := mdm.Desired{Dev: "pad-1", Rev: 5}
	for rev, want := range map[uint64]bool{0: true, 4: true, 5: false} {
		if news, err := d.News("pad-1", rev); news != want || err != nil {
			t.Errorf("to one that has %d it is news: %v, %v", rev, news, err)
		}
	}
	if news, err := d.News("pad-1", 6); news || errs.CodeOf(err) != errs.Conflict {
		t.Errorf("to one that has a later one: %v, %v", news, err)
	}
	if news, err := d.News("pad-2", 4); news || errs.CodeOf(err) != errs.Denied {
		t.Errorf("to another device: %v, %v", news, err)
	}
}

package cases

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// What may hold an indecent image is told on the start page, first, to the
// safeguarding team alone, and names nobody.
func TestImageOnTheStartPage(t *testing.T) {
	a := newAcademy(t)
	values := taken()
	values.Set("reason", "possible-image")
	id := a.confiscated(t, "p-one", values)
	list := a.config.Tasks(a.clock())
	if len(list) != 1 || list[0].Permission != roles.SeeReasons || !list[0].Grave || list[0].Href != "/cases/"+id || strings.Contains(list[0].What, "Peter") {
		t.Errorf("to do: %+v", list)
	}
}

// A device that nobody collects within three school days is told of until a notice
// is prepared, and again three school days later; nothing happens by itself.
func TestUncollected(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	days := func(n int) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.now = lesson.AddDate(0, 0, n).Add(time.Hour)
	}
	told := func(want bool) {
		t.Helper()
		list := a.config.Tasks(a.clock())
		if is := len(list) == 1 && list[0].Key == "uncollected" && strings.HasSuffix(list[0].What, ": 1."); is != want || !want && len(list) != 0 {
			t.Errorf("told %t: %+v", is, list)
		}
	}
	days(2)
	told(false)
	days(3)
	told(true)
	_, text, _ := office.Get("/cases")
	says(t, text, "Not collected for 3 school days.", "Prepare a reminder")
	if status, text, _ := office.Post("/cases/"+id+"/notice", url.Values{"contact": {"C1"}, "paper": {"yes"}}); status != 303 {
		t.Fatalf("%d %.300s", status, text)
	}
	told(false)
	if n := a.notices.Of(id); len(n) != 1 || n[0].Template != "come-again" {
		t.Errorf("prepared %+v", n)
	}
	days(7)
	told(true)
	if file, _ := a.custody.Case(id); !file.Open() {
		t.Error("the case closed by itself")
	}
}

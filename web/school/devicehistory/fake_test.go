package devicehistory

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/history/historytest"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var at = historytest.Clock

// academy is a school of twelve iPads with a maths exam on Monday.
type academy struct{ *historytest.School }

func newAcademy(t testing.TB) *academy {
	t.Helper()
	var ids []string
	for i := range 12 {
		ids = append(ids, fmt.Sprintf("ipad-%d", i+1))
	}
	a := &academy{historytest.New(t, ids...)}
	for i, id := range ids {
		row := a.Rows[id]
		row.Verdict, row.Link = mdm.Pending, mdm.Link{Known: true, Online: true, Since: a.Now}
		if i > 9 {
			row.Device.Groups = []string{"trolley"}
		}
		a.Rows[id] = row
	}
	return a
}

// exam plays the day: iPad 7 is offline for two minutes, of iPad 8 somebody turns
// the camera on for a while, iPad 9 can only assume.
func (a *academy) exam() {
	a.T.Helper()
	a.At("08:30:20")
	for id := range a.Rows {
		a.Say(id, mdm.Applied, mdm.User)
	}
	a.At("09:00:00")
	a.Want(history.Exam, historytest.Off)
	a.At("09:00:04")
	for id := range a.Rows {
		state := mdm.Applied
		if id == "ipad-9" {
			state = mdm.Assumed
		}
		a.Say(id, state, mdm.Block)
	}
	a.At("09:41:00")
	a.Link("ipad-7", false, mdm.Offline)
	a.At("09:43:01")
	a.Link("ipad-7", true, mdm.Pending)
	a.Say("ipad-7", mdm.Applied, mdm.Block)
	a.At("09:50:00")
	a.Say("ipad-8", mdm.Overridden, mdm.User)
	a.At("09:52:00")
	a.Say("ipad-8", mdm.Applied, mdm.Block)
	a.At("10:30:00")
	a.Want(mdm.Break, historytest.Any)
	a.At("10:35:00")
}

func (a *academy) handler() http.Handler {
	a.T.Helper()
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return a.Now }, nil)
	f, err := Pages(k, Config{Days: a.Store, Bells: a.Book, Periods: historytest.Day, Name: func(id string) string {
		if _, ok := a.Rows[id]; !ok {
			return ""
		}
		return "iPad " + id[len("ipad-"):]
	}})
	if err != nil {
		a.T.Fatal(err)
	}
	return kittest.Serve(a.T, k, f)
}

type nobody struct{}

func (nobody) Name(string) (string, string, bool) { return "", "", false }

package fleet

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// vera is a visitor who signed today.
func (a *academy) vera(t *testing.T) agreements.Visit {
	t.Helper()
	by := school.Actor{Account: "office", Person: "s-office"}
	if _, err := a.visitors.Publish(t.Context(), by, agreements.Draft{Kind: agreements.Visitors, Text: "I take no pictures of pupils."}); err != nil {
		t.Fatal(err)
	}
	v, err := a.visitors.Receive(t.Context(), by, 1, agreements.Guest{Name: "Vera Visitor", Host: "s-teacher"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A visitor gets a device while the agreement they signed counts, and is asked for it
// once their visit is over.
func TestLendToAVisitor(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1", "ipad-2")
	v := kittest.Visit(t, a.handler, "it")
	const path = "/fleet/device/ipad-1/issue"
	if status, text, _ := v.Post(path, url.Values{"to": {school.Unlisted + "v-nobody"}}); status != http.StatusForbidden || a.Holder("ipad-1") != "" {
		t.Errorf("to one who has not signed: %d %s", status, text)
	}
	visit := a.vera(t)
	v.Says(path+"?q=vera", "Vera Visitor (visitor)", "to="+visit.ID)
	v.Says(path+"?to="+visit.ID, "Vera Visitor (visitor)", "Signed")
	v.Says(v.Sent(path, url.Values{"to": {visit.ID}}), "Vera Visitor (visitor) since")
	if tasks := a.config().Tasks(); len(tasks) > 0 {
		t.Errorf("%+v", tasks)
	}
	a.now = a.now.Add(24 * time.Hour)
	v.Says("/fleet?show=to-return", "Vera Visitor (visitor)")
	if tasks := a.config().Tasks(); len(tasks) != 1 || tasks[0].Key != "devices-to-return" {
		t.Errorf("%+v", tasks)
	}
	v.Says("/fleet/device/ipad-2/issue?q=vera", "-to="+visit.ID, "signs the agreement")
	if status, _, _ := v.Post("/fleet/device/ipad-2/issue", url.Values{"to": {visit.ID}}); status != http.StatusForbidden || a.Holder("ipad-2") != "" {
		t.Errorf("to one whose visit is over: %d", status)
	}
}

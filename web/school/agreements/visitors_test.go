package agreements

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

func vera() url.Values {
	return url.Values{"version": {"1"}, "name": {"Vera Visitor"}, "organisation": {"Fire Safety Ltd"}, "host": {"s-teacher"}, "last": {"2026-11-23"}}
}

// The head publishes, a visitor signs at the desk, the office sees who is here.
func TestVisitors(t *testing.T) {
	book, h := newSchool(t)
	v := kittest.Visit(t, h, "office")
	v.Says("/agreements/visitors", "not published yet", "-Let a visitor sign")
	if status, _, _ := v.Get("/agreements/visitors/sign"); status != http.StatusNotFound {
		t.Errorf("signing what is not there: %d", status)
	}
	v.SignIn("head")
	v.Sent("/agreements/publish/visitors", url.Values{"text": {text}})
	v.SignIn("teacher")
	for _, path := range []string{"/agreements/visitors", "/agreements/visitors/sign"} {
		if status, _, _ := v.Get(path); status != http.StatusForbidden {
			t.Errorf("%s as a teacher: %d", path, status)
		}
	}
	v.SignIn("office")
	v.Says("/agreements/visitors/sign", "We keep what the school lends us safe.", "Whom do you visit?", "The teacher", "-Sana Iqbal", `value="2026-11-23"`)
	for field, spoil := range map[string]string{"name": "", "host": "p-7", "last": "soon"} {
		form := vera()
		form.Set(field, spoil)
		kittest.Has(t, field, v.Answer(http.StatusUnprocessableEntity, "/agreements/visitors/sign", form), `href="#`+field+`"`, "Fire Safety Ltd")
	}
	old := vera()
	old.Set("version", "0")
	v.Answer(http.StatusConflict, "/agreements/visitors/sign", old)
	v.Says(v.Sent("/agreements/visitors/sign", vera()), "Here now (1)", "Vera Visitor, Fire Safety Ltd", "Visits The teacher", "witnessed by office", "Day pass", "-Lend a device", "IT lends a visitor a device", `href="/fleet?show=store">device list</a>: ask them for one`)
	visits := book.Visits()
	if len(visits) != 1 || book.MayHave(visits[0].ID) != nil {
		t.Fatalf("%+v", visits)
	}
	v.SignIn("it")
	v.Says("/agreements/visitors", "Lend a device", "-Day pass<", "-ask them for one")
	v.SignIn("head")
	v.Sent("/agreements/publish/visitors", url.Values{"text": {text + " And no pictures."}})
	v.Says("/agreements/visitors", "Here now (0)", "Before", "have not signed the new version")
}

package exams

import (
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// Every page at a desk's width, and at 320 px: a small phone, and what 400 % zoom
// leaves of 1280.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	a := newAcademy(t)
	h := a.handler(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	v := kittest.Visit(t, h, "exams")
	ahead := v.Sent("/exams/new", url.Values{"title": {"GCSE French, listening"}, "rooms": {"Room 4"}, "start": {"2027-05-12T13:30"}, "minutes": {"45"}, "leave": {"no"}})
	page := a.set(t, v)
	a.at(8, 50)
	a.hands("p-1", "p-2")
	v.Sent(page+"/line/3/say", url.Values{"how": {"with"}, "holder": {"s-teacher"}})
	looks := func(pages map[string]string) {
		for name, width := range map[string]int64{"1280": 1280, "320": 320} {
			tab := browser.Tab(t, width, 900)
			tab.SignIn(base, "exams", kittest.Password, "/exams")
			for what, path := range pages {
				tab.Go(base + path)
				tab.Looks("exams-" + what + "-" + name)
			}
		}
	}
	looks(map[string]string{"list": "/exams", "new": "/exams/new", "candidates": ahead, "missing": page, "line": page + "/line/4", "line-in": page + "/line/1", "change": page + "/change", "print": page + "/print"})
	v.Sent(page+"/line/4/say", url.Values{"how": {"no-device"}, "witness": {"s-teacher"}})
	looks(map[string]string{"ready": page})
	v.Sent(page+"/clear", url.Values{"asked": {"yes"}})
	a.at(9, 41)
	draft := v.Sent(page+"/line/4/incident", url.Values{"at": {"2027-05-10T09:40"}, "what": {"phone"}, "activity": {"active"}, "happened": {"It rang in a pocket."}})
	looks(map[string]string{"clear": page, "found": page + "/line/1/incident", "report": draft, "line-writing": page + "/line/2"})
	a.at(10, 40)
	looks(map[string]string{"over": page})
}

package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

// bad is what nobody means to type: bytes of no text, numbers and times that there are
// not, an hour that summer time leaves out.
var bad = []string{
	"\xff\xfe\x00\u202e", "99999999999999999999", strings.Repeat("x", 30_000), "0001-01-01T00:00", "9999-12-31T23:59", "2027-03-28T01:30", "2026-02-30",
}

// Whatever somebody types into any form, and sends to any address, the school goes on:
// they are told what is wrong, or it is taken as text.
func TestBadFormsAndBodies(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.fill(t)
	w.hardDay(t)
	for _, r := range w.Kit.Routes() {
		if r.Path == "/events" || strings.HasPrefix(r.Path, "/sign-out") {
			continue
		}
		for _, body := range []string{"", "{", "[]", `{"a":` + strings.Repeat("[", 10_000), "a=%zz&%00=" + strings.Repeat("x", 100_000), "null", `{"v":1e999}`} {
			if r.Method == http.MethodGet && body != "" {
				continue
			}
			if answer := w.do(r.Method, address(r.Path, ownPupil, ownForm), asEverybody, body, "Idempotency-Key", "0198b0a0-0000-7000-8000-000000000000"); answer.Code >= 500 && answer.Code != http.StatusServiceUnavailable {
				t.Errorf("%s %s of %.20q: %d %s", r.Method, r.Path, body, answer.Code, answer.Body)
			}
		}
	}
	sent := 0
	for _, p := range w.everyPage(t) {
		for _, text := range bad {
			for n, f := range formsIn(w.do(http.MethodGet, p.address, asEverybody, "").Body.String()) {
				if strings.HasPrefix(f.action, "/sign-out") {
					continue
				}
				sent++
				values := f.filled(text)
				for name := range values {
					if name != "once" && !slices.Contains(f.texts, name) && len(text)%3 == n%3 {
						values[name] = []string{text, text}
					}
				}
				var code int
				if f.method == "post" {
					code = w.do(http.MethodPost, f.at(p.address), asEverybody, values.Encode()).Code
				} else {
					at, _, _ := strings.Cut(f.at(p.address), "?")
					code = w.do(http.MethodGet, at+"?"+url.Values(values).Encode(), asEverybody, "").Code
				}
				if code >= 500 && code != http.StatusServiceUnavailable {
					t.Errorf("the form %s of %s answers %.20q with %d", f.action, p.address, text, code)
				}
			}
		}
	}
	if sent < 1000 {
		t.Errorf("only %d forms were sent", sent)
	}
	for _, p := range w.everyPage(t) {
		if answer := w.do(http.MethodGet, p.address, asEverybody, ""); answer.Code >= 500 {
			t.Errorf("%s afterwards: %d", p.address, answer.Code)
		}
	}
}

// hardDay gives the school a concern with a device, and an exam.
func (w *wholeSite) hardDay(t *testing.T) {
	t.Helper()
	by := desk.By{Actor: school.Actor{Account: "maker", Person: "s-maker"}, Roles: []roles.Assignment{{Role: roles.DSL}, {Role: roles.Exams}, {Role: roles.Office}}}
	_, err := w.server.Concerns.Raise(t.Context(), by, concern.Raised{Category: concern.Imagery, About: []string{ownPupil}, Text: "A picture.",
		Device: concern.Device{In: concern.InHand, Whose: ownPupil, What: desk.Phone, Zone: desk.Elsewhere}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.server.Exams.Set(t.Context(), by, exam.Draft{Paper: exam.Paper{Title: "French", Rooms: []string{"4"}}, Start: w.server.Now().Wall.Add(time.Hour), Minutes: 30,
		Candidates: []exam.Candidate{{Person: ownPupil}}})
	if err != nil {
		t.Fatal(err)
	}
}

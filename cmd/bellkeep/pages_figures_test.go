package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// Governors’ figures count safeguarding files by category, area and outcome.
func TestFiguresCountConcerns(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	by := desk.By{Actor: school.Actor{Account: "dsl", Person: "s-dsl"}, Roles: []roles.Assignment{{Role: roles.DSL}}}
	files := w.server.Concerns
	for range 6 {
		if _, err := files.Raise(t.Context(), by, concern.Raised{Category: concern.Bullying, Area: concern.Conduct, Text: "A group chat."}); err != nil {
			t.Fatal(err)
		}
	}
	now := w.server.Now().Wall
	n := incidents(files.For("s-governor"), now.Add(-time.Hour), now.Add(time.Hour))
	if n.Categories[5].N != 6 || n.Areas[2].N != 6 || n.Outcomes[len(n.Outcomes)-1].N != 6 {
		t.Errorf("%+v", n)
	}
	page := w.do(http.MethodGet, "/figures", string(roles.Head), "").Body.String()
	for _, want := range []string{concern.Bullying.Words(), concern.Conduct.Words(), "Not ended yet"} {
		if !strings.Contains(page, want) {
			t.Errorf("the figures do not say %q", want)
		}
	}
}

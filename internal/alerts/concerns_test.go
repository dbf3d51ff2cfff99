package alerts

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// files are concerns of one circle.
type files struct {
	list    []concern.Alert
	adopted int
}

func (f *files) Alerts(time.Time) []concern.Alert { return f.list }

func (f *files) Adopt(context.Context) error {
	f.adopted++
	return nil
}

// A concern is told to its circle without a word of it, never to whom it is about,
// and to nobody outside the register.
func TestConcernsAreToldWithoutAWord(t *testing.T) {
	h, teller := newHouse()
	h.accounts = append(h.accounts, account("dsl-two", "s-subject", roles.DSL), account("dsl-three", "s-dsl", roles.DSL))
	f := &files{list: []concern.Alert{{File: "f-1", Since: monday, Roles: []roles.Role{roles.DSL, roles.Head, roles.Office}, Except: []string{"s-subject", "p-1"}}}}
	teller.Concerns = f
	teller.Tell(t.Context())
	if got := h.whom(h.told); got != "s-dsl s-head s-office" {
		t.Errorf("told are %s", got)
	}
	for _, a := range h.told {
		if a.About != "f-1" || a.Template != concernTemplate || strings.Contains(a.What+a.Link, "f-1") || strings.Contains(a.What, "p-1") {
			t.Errorf("it says %+v", a)
		}
		if lead := a.Staff != "s-office"; strings.HasSuffix(a.Link, "/safeguarding") != lead {
			t.Errorf("%s is led to %s", a.Staff, a.Link)
		}
	}
	if f.adopted != 1 {
		t.Error("devices without a file are not looked for")
	}
}

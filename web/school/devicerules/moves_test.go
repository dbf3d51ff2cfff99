package devicerules

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// moves is the page of a move of a pad from the trolley to the staff's.
func (s *elmfield) moves(t testing.TB) string {
	t.Helper()
	by := change.By{Actor: school.Actor{Account: "it", Person: "s-it"}, Roles: []roles.Assignment{{Role: roles.IT}}}
	pad := devices[0]
	pad.Groups = []string{"staff-ipads"}
	moves, err := s.fleet.Change(t.Context(), by, "A member of staff lost theirs; pictures may travel.", pad)
	must(t, err)
	if len(moves) != 1 {
		t.Fatalf("%d moves wait", len(moves))
	}
	return "/device-rules/move/" + moves[0].ID
}

func (s *elmfield) groups(id string) []string {
	l, _ := s.fleet.Device(id)
	return l.Device.Groups
}

// A teacher reads what the move does and agrees; whoever asked cannot.
func TestAMove(t *testing.T) {
	s := open(t)
	page := s.moves(t)
	v := kittest.Visit(t, s, "it")
	v.Says("/device-rules", "Devices waiting to move (1)", "Device pad-1 to", page, "It waits for a teacher")
	v.Says(page, "Waits", "pad-1", "A member of staff lost theirs", "By the rules in force", "Filters", "You have had your part in this", "-Agree</button>", "Cancel the move")
	if status, _, _ := v.Post(page+"/educational", url.Values{"agree": {"yes"}}); status != http.StatusForbidden {
		t.Errorf("IT alone: %d", status)
	}
	v.SignIn("teacher")
	v.Says(page, "Your review, as one who knows the pupils", "-Cancel the move")
	text := v.Answer(http.StatusUnprocessableEntity, page+"/educational", url.Values{"agree": {"no"}})
	kittest.Has(t, "no reason", text, `href="#words-educational"`)
	v.Sent(page+"/educational", url.Values{"agree": {"yes"}, "words-educational": {"Staff only."}})
	v.Says(page, "Moved", "Staff only.", "-Agree</button>")
	v.Says("/device-rules", "-Devices waiting")
	if !slices.Equal(s.groups("pad-1"), []string{"staff-ipads"}) {
		t.Errorf("it is in %v", s.groups("pad-1"))
	}
}

func TestAMoveOvertakenOrCancelled(t *testing.T) {
	s := open(t)
	page := s.moves(t)
	must(t, s.fleet.Retire(t.Context(), "pad-1", "it"))
	v := kittest.Visit(t, s, "teacher")
	v.Says(page, "Nobody can agree to it as it is", "retired", "-Agree</button>")
	if status, _, _ := v.Post(page+"/educational", url.Values{"agree": {"yes"}}); status != http.StatusConflict {
		t.Errorf("agreed to one that cannot be: %d", status)
	}
	v.SignIn("it")
	v.Sent(page+"/cancel", url.Values{"words": {"It was retired."}})
	v.Says(page, "Cancelled", "It was retired.", "-Cancel the move")
	if status, _, _ := v.Get("/device-rules/move/none"); status != http.StatusNotFound {
		t.Errorf("no such move: %d", status)
	}
	cfg := Config{Requests: s.book, Moves: s.fleet}
	if tasks := cfg.Tasks(); tasks != nil {
		t.Errorf("%v waits", tasks)
	}
	pad := devices[1]
	pad.Groups = []string{"staff-ipads"}
	_, err := s.fleet.Change(t.Context(), change.By{Actor: school.Actor{Account: "it", Person: "s-it"}, Roles: []roles.Assignment{{Role: roles.IT}}}, "For a member of staff; pictures may travel.", pad)
	must(t, err)
	if tasks := cfg.Tasks(); len(tasks) != 1 || tasks[0].Permission != roles.SeeDeviceRules || !strings.HasPrefix(tasks[0].Next, "Nobody was told by e-mail") {
		t.Errorf("%v waits", tasks)
	}
	m, _ := s.fleet.MoveOf("pad-2")
	cfg.Told = func(about string) bool { return about == m.ID }
	if tasks := cfg.Tasks(); len(tasks) != 1 || strings.Contains(tasks[0].Next, "Nobody") {
		t.Errorf("%v waits", tasks)
	}
}

// publishes lets two people change the rules at once.
func (s *elmfield) publishes(t testing.TB, edit func(*mdm.Rules)) {
	t.Helper()
	by := func(account string, role roles.Role) change.By {
		return change.By{Actor: school.Actor{Account: account, Person: "s-" + account}, Roles: []roles.Assignment{{Role: role}}}
	}
	last, _ := s.book.Last()
	text, err := json.Marshal(last.Rules)
	must(t, err)
	var rules mdm.Rules
	must(t, json.Unmarshal(text, &rules))
	edit(&rules)
	r, err := s.book.Ask(t.Context(), by("it", roles.IT), change.Ask{Base: last.N, Rules: rules, Why: "As we said.", Risk: "Pupils may see more; a teacher looks on."})
	must(t, err)
	if r.State == change.Waiting {
		_, err = s.book.Review(t.Context(), by("dsl", roles.DSL), r.ID, change.Educational, true, "")
		must(t, err)
	}
}

// A new version that does not touch what a move does leaves it as it is; one that does
// shows it as overtaken wherever it is listed, and IT asks again with one button.
func TestAMoveIsAskedForAgain(t *testing.T) {
	s := open(t)
	page := s.moves(t)
	s.publishes(t, func(r *mdm.Rules) { r.Groups[0].Name = "Another name" })
	v := kittest.Visit(t, s, "teacher")
	v.Says(page, "Waits", "-Overtaken", "Agree</button>")
	cfg := Config{Requests: s.book, Moves: s.fleet}
	if tasks := cfg.Tasks(); len(tasks) != 1 || strings.Contains(tasks[0].Next, "overtaken") {
		t.Errorf("%v waits", tasks)
	}
	s.publishes(t, func(r *mdm.Rules) {
		for i := range r.Profiles {
			if r.Profiles[i].ID == "quiet" {
				r.Profiles[i].Set[mdm.Share] = mdm.Allow
			}
		}
	})
	v.Says("/device-rules", "Overtaken", "it would do something else by them", "-It waits for a teacher")
	v.Says(page, "Overtaken", "Nobody can agree to it as it is", "IT) asks for it again", "-Ask again, as things are now", "-Agree</button>")
	if tasks := cfg.Tasks(); len(tasks) != 1 || !strings.Contains(tasks[0].Next, "overtaken, which nobody can agree to any more: 1") {
		t.Errorf("%v waits", tasks)
	}
	v.SignIn("it")
	v.Says(page, "Ask again, as things are now", "Cancel the move")
	again := v.Sent(page+"/again", nil)
	if again == page {
		t.Fatal("it leads to the old one")
	}
	v.Says(again, "Waits", "A member of staff lost theirs", "It waits for a teacher", "-Overtaken")
	v.Says(page, "Cancelled", "Asked for again, as things are now.")
	s.publishes(t, func(r *mdm.Rules) {
		r.Groups = slices.DeleteFunc(r.Groups, func(g mdm.Group) bool { return g.ID == "staff-ipads" })
		r.Assignments = slices.DeleteFunc(r.Assignments, func(a mdm.Assignment) bool { return a.Group == "staff-ipads" })
		r.Profiles[0].Set[mdm.Share] = mdm.Block
	})
	kittest.Has(t, "to a group that is gone", v.Answer(http.StatusConflict, again+"/again", nil), "no such group any more", "Cancel the move")
}

package devicerules

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
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

package board

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/health"
)

// What a bank says of its computer stands on the board with a next step, once.
func TestTheBanksComputerIsOnTheBoard(t *testing.T) {
	lost := health.Problem{Code: health.ScannerLost, Part: "usb-1", Since: now}
	problems := []health.Problem{lost, {Code: health.BoardSilent, Part: "left", Board: 1}, {Code: "of-tomorrow"}}
	for _, c := range []struct {
		online bool
		want   []string
	}{
		{true, []string{"Bank A: The scanner usb-1 is not there.", "Bank A: The bank's computer needs a look."}},
		{false, nil},
	} {
		s := newAcademy(false)
		s.change(func(b []banks.Status) { b[0].State.Problems, b[0].Online = problems, c.online })
		view := sceneOf(s)
		var got []string
		keys := map[string]bool{}
		for _, a := range view.upkeep(view.banks[0]) {
			got = append(got, a.What)
			keys[a.Key] = true
			if a.Next == "" || len(a.Links) != 1 {
				t.Errorf("no next step or way there: %+v", a)
			}
		}
		if len(got) != len(c.want) || len(keys) != len(c.want) {
			t.Fatalf("online %v: %q, want %q", c.online, got, c.want)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%q, want %q", got[i], c.want[i])
			}
		}
	}
}

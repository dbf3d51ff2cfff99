package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/locker"
)

// scene is the pretend world inside the test: its hands hold whatever they like
// to the scanner and press what they like on the kiosk's page.
type scene struct {
	*world.World
	t       *testing.T
	rig     *rig
	scanner *world.Scanner
}

// openScene opens the world with the pupils of the badge sheet, or some of them.
func (r *rig) openScene(some ...string) *scene {
	r.t.Helper()
	file, err := os.Open(r.path("school", "sheet.csv"))
	r.must(err)
	defer file.Close()
	pupils, err := world.ReadBadges(file)
	r.must(err)
	pupils = slices.DeleteFunc(pupils, func(p world.Pupil) bool { return len(some) > 0 && !slices.Contains(some, p.ID) })
	buses := []world.Bus{
		{Name: "left", Boards: 2},
		{Name: "right", Boards: 2, Personality: world.Personality{OneIsOpen: true, HighFirst: true}},
	}
	w, err := world.Open(r.t.Context(), world.Config{
		Dir: r.path("devices"), Truth: r.path("truth.jsonl"), Buses: buses, Wiring: world.Lay(buses, -1), Kiosks: []string{"front"}, Pupils: pupils,
	})
	r.must(err)
	r.t.Cleanup(func() { r.must(w.Close()) })
	r.must(w.Watch("front", world.HTTPEyes("http://"+r.kiosk)))
	scanner, err := w.Scanner("front")
	r.must(err)
	return &scene{World: w, t: r.t, rig: r, scanner: scanner}
}

// runBank starts the bank with some flags.
func (r *rig) runBank(flags ...string) {
	r.t.Helper()
	args := append([]string{"run", "--config", r.path("school", "bank-a.yaml"), "--data", r.path("data"), "--devices", r.path("devices")}, flags...)
	r.bank = exec.Command(filepath.Join(r.programs, "bellkeep-bank"), args...)
	r.bank.Stderr = r.bankErr
	r.must(r.bank.Start())
}

// screen is one screen of the kiosk; N grows with each.
type screen struct {
	N uint64
	locker.Screen
}

// shown is what the kiosk's page shows now; false while there is no page.
func (s *scene) shown() (now screen, ok bool) {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.rig.kiosk+"/screen", nil)
	s.rig.must(err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return now, false
	}
	defer response.Body.Close()
	err = json.NewDecoder(response.Body).Decode(&now)
	return now, err == nil
}

// awaitScreen waits until the kiosk shows a word.
func (s *scene) awaitScreen(word locker.Word) screen {
	s.t.Helper()
	return s.newer(0, word)
}

// newer waits until the kiosk shows a word on a screen after another.
func (s *scene) newer(after uint64, word locker.Word) (now screen) {
	s.t.Helper()
	defer func() {
		if s.t.Failed() {
			s.t.Logf("the kiosk shows %+v", now)
		}
	}()
	s.rig.await(fmt.Sprintf("the screen %q", word), func() (ok bool) {
		now, ok = s.shown()
		return ok && now.Word == word && now.N > after
	})
	return now
}

// hold holds something to the scanner and waits for its answer.
func (s *scene) hold(text string, answer locker.Word) screen {
	s.t.Helper()
	before, _ := s.shown()
	s.rig.await("the scanner's line to be open", func() bool { return s.scanner.Badge(s.t.Context(), text) })
	return s.newer(before.N, answer)
}

// press posts a form of the kiosk's page and waits for its answer.
func (s *scene) press(path, form string, answer locker.Word) screen {
	s.t.Helper()
	before, _ := s.shown()
	response, err := http.Post("http://"+s.rig.kiosk+path, "application/x-www-form-urlencoded", strings.NewReader(form))
	s.rig.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		s.t.Fatalf("%s: %s", path, response.Status)
	}
	return s.newer(before.N, answer)
}

// badgeOf is what stands on a pupil's card.
func (s *scene) badgeOf(person string) string {
	s.t.Helper()
	sheet, err := os.ReadFile(s.rig.path("school", "sheet.csv"))
	s.rig.must(err)
	for line := range strings.Lines(string(sheet)) {
		if cells := strings.Split(line, ","); cells[0] == person {
			return cells[1]
		}
	}
	s.t.Fatalf("%s has no badge", person)
	return ""
}

// told counts what the truth says of one kind.
func (s *scene) told(what world.What) (n int) {
	s.t.Helper()
	for _, l := range s.truth() {
		if l.What == what {
			n++
		}
	}
	return n
}

// since is how long ago the truth said something of a pupil; 0 while it has not.
func (s *scene) since(what world.What, pupil string) time.Duration {
	s.t.Helper()
	for _, l := range s.truth() {
		if l.What == what && l.Pupil == pupil {
			return time.Since(l.T)
		}
	}
	return 0
}

func (s *scene) truth() []world.Line {
	s.t.Helper()
	file, err := os.Open(s.rig.path("truth.jsonl"))
	s.rig.must(err)
	defer file.Close()
	lines, err := world.ReadTruth(file)
	s.rig.must(err)
	return lines
}

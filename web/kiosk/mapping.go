package kiosk

import (
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/labstack/echo/v4"
)

// key is an answer that a technician may tap while the doors are mapped.
type key struct {
	Name   string // of question and answer, as the bank says them
	Answer string
	Text   string
}

var keys = []key{
	{"ready-go", "go", "All shut and empty: go on"},
	{"lacking-again", "again", "All shut: try again"},
	{"lacking-type", "type", "They open: I type numbers"},
	{"which-number", "number", "This door"},
	{"which-nothing", "nothing", "No door opened"},
	{"which-again", "again", "Open it again"},
	{"shut-undo", "undo", "Last door was wrong"},
	{"shut-again", "again", "It is shut already"},
}

// mappingFace is faceOf for the screens that only a technician meets.
func mappingFace(s locker.Screen) face {
	switch s.Word {
	case locker.StillHeld:
		return face{Tone: neutral, Icon: "lock", Stay: longer, Sound: level,
			Lines: []string{"Not while something is in."}, Hint: "Every door must be empty first."}
	case locker.Mapping:
		f := face{Tone: idle, Form: mapForm, Prose: true, Lines: []string{s.Says}, Hint: s.Next}
		if s.Door != 0 {
			f.Door = numberOf(s.Door)
		}
		for _, name := range strings.Fields(s.Keys) {
			if i := slices.IndexFunc(keys, func(k key) bool { return k.Name == name }); i >= 0 {
				f.Keys = append(f.Keys, keys[i])
				f.Typed = f.Typed || keys[i].Answer == "number"
			}
		}
		return f
	}
	return joiningFace(s)
}

// answer hands an answer on. Errors: invalid for one that is not on any screen.
func (k *kiosk) answer(c echo.Context) error {
	kind, door := c.FormValue("answer"), 0
	ok := slices.ContainsFunc(keys, func(k key) bool { return k.Answer == kind })
	if ok && kind == "number" {
		door, ok = doorOf(c)
	}
	if !ok {
		return errs.New(errs.Invalid, "There is no such answer, or no such door.", "Type the door's number, then tap.")
	}
	return k.Staff.Answer(c.Request().Context(), kind, door)
}

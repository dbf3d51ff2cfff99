package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// door is one door of one bank: a/12 in a script.
type door struct {
	bank string
	n    int
}

// String gives the door as scripts write it.
func (d door) String() string { return d.bank + "/" + strconv.Itoa(d.n) }

// ownDoor begins the name of a pupil's fixed door in a script: own P.
const ownDoor = "own "

func parseDoor(text string) (door, error) {
	bank, number, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || !school.ValidID(bank) {
		return door{}, fmt.Errorf("%q is no door like a/12 or own P", text)
	}
	return door{bank, n}, nil
}

// The beginnings of a place in a script.
const (
	inHands = "hands of "
	atDoor  = "door "
	atOwn   = "own door"
	atSpot  = "spot "
	isGone  = "gone to "
	anyDoor = "any door"
)

// checkWhere says what is wrong with a place in a script.
func checkWhere(text string, names map[string]string) error {
	for _, begin := range []string{inHands, isGone} {
		if who, ok := strings.CutPrefix(text, begin); ok {
			if names[who] == "" && text != isGone+police {
				return fmt.Errorf("nobody in the list of people is %q", who)
			}
			return nil
		}
	}
	if d, ok := strings.CutPrefix(text, atDoor); ok {
		_, err := parseDoor(d)
		return err
	}
	if strings.HasPrefix(text, atSpot) || strings.HasPrefix(text, inTray) || text == atOwn || text == anyDoor {
		return nil
	}
	return fmt.Errorf("%q is no place; say hands of M, own door, door d/1001, any door, spot safe, tray of Year 5 or gone to mother", text)
}

// mistake is a fault of a script that shows only when it is played. It is no
// refusal of the product's, and no step can expect it.
type mistake struct{ error }

func wrong(format string, args ...any) error {
	return mistake{errs.New(errs.Invalid, fmt.Sprintf(format, args...), "Correct the scenario.")}
}

// Unwrap gives the error that people read.
func (m mistake) Unwrap() error { return m.error }

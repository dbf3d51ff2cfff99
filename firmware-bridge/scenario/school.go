package scenario

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/roster/contacts"
	"github.com/bellkeep/bellkeep/internal/roster/oneroster"
	"github.com/bellkeep/bellkeep/internal/school"
)

// School is a school's folder: its days and bells, cabinets, people and rules.
type School struct {
	roster.School
	Cabinets []cabinet.Cabinet
	Roll     register.Roll // empty where the folder has no people
}

// OpenSchool reads a school's folder as it is on a day. Errors: invalid, with
// all faults.
func OpenSchool(dir string, day school.Date) (School, error) {
	var faults config.Faults
	s := School{School: roster.Read(dir, &faults)}
	for _, path := range s.Banks {
		s.Cabinets = append(s.Cabinets, cabinet.Read(path, "", &faults))
	}
	if err := faults.Err(); err != nil {
		return s, err
	}
	if !s.Imported {
		s.Roll = s.School.Roll()
		return s, nil
	}
	export := filepath.Join(dir, "oneroster")
	if _, err := os.Stat(export); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	set, err := oneroster.Load(export)
	if err != nil {
		return s, err
	}
	s.Roll = set.Roll(day)
	s.Roll.Contacts, err = contacts.Load(filepath.Join(dir, "contacts.csv"))
	return s, err
}

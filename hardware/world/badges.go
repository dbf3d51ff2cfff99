package world

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxBadges bounds the lines of a badge list.
const maxBadges = 10_000

// maxBadgeFile bounds its bytes.
const maxBadgeFile = 4 << 20

// ReadBadges reads what was printed on a badge sheet, as CSV with the heading
// person,badge,door. Door is the pupil's own door or empty. Each pupil gets
// one phone, called phone-<person>. Errors are errs.Invalid and name the line.
func ReadBadges(r io.Reader) ([]Pupil, error) {
	rows := csv.NewReader(io.LimitReader(r, maxBadgeFile))
	rows.FieldsPerRecord = 3
	head, err := rows.Read()
	if err == nil && !slices.Equal(head, []string{"person", "badge", "door"}) {
		err = fmt.Errorf("the heading is %q", head)
	}
	if err != nil {
		return nil, badBadges(err)
	}
	var pupils []Pupil
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return pupils, nil
		}
		if err != nil {
			return nil, badBadges(err)
		}
		p, err := pupilOf(row)
		if err == nil && len(pupils) == maxBadges {
			err = fmt.Errorf("more than %d badges", maxBadges)
		}
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, badBadges(fmt.Errorf("line %d: %w", line, err))
		}
		pupils = append(pupils, p)
	}
}

func pupilOf(row []string) (Pupil, error) {
	p := Pupil{ID: row[0], Badge: row[1], Phones: []string{"phone-" + row[0]}}
	if p.ID == "" || p.Badge == "" {
		return Pupil{}, errors.New("person or badge is empty")
	}
	if row[2] == "" {
		return p, nil
	}
	door, err := strconv.Atoi(row[2])
	if err != nil || door < 1 {
		return Pupil{}, fmt.Errorf("%q is no door", row[2])
	}
	p.OwnDoor = door
	return p, nil
}

func badBadges(err error) error {
	return errs.Wrap(err, errs.Invalid, "The list of badges cannot be read.",
		"Give a CSV file with the heading person,badge,door.")
}

package server

import (
	"context"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/register"
)

// PINChange sets or removes the PIN of a member of staff.
type PINChange struct {
	By     string `json:"by"`            // the account of who asks
	Person string `json:"person"`        // by id, or by the id of the school's information system
	PIN    string `json:"pin,omitempty"` // a secret; with Remove: none
	Remove bool   `json:"remove,omitempty"`

	Technician bool `json:"technician,omitempty"` // they may have a bank's doors mapped
}

// StaffLine is a line of the list of staff.
type StaffLine struct {
	ID    string    `json:"id"`
	MIS   string    `json:"mis,omitempty"` // in the school's information system
	Name  string    `json:"name,omitempty"`
	Badge int       `json:"badge,omitempty"` // serial of the live one
	PIN   time.Time `json:"pin,omitzero"`    // since when there is one
}

// changePIN sets or removes a PIN and says whose it is.
func (s *Server) changePIN(ctx context.Context, in PINChange) (StaffLine, error) {
	id := in.Person
	if p, ok := s.People.ByMIS(in.Person); ok {
		id = p.ID
	}
	change := func() error { return s.Staff.Set(ctx, in.By, id, in.PIN) }
	if in.Technician {
		change = func() error { return s.Staff.SetTechnician(ctx, in.By, id, in.PIN) }
	}
	if in.Remove {
		change = func() error { return s.Staff.Remove(ctx, in.By, id) }
	}
	if err := change(); err != nil {
		return StaffLine{}, err
	}
	p, _ := s.People.Person(id)
	return s.staffLine(p), nil
}

// staffLines is the staff on the roll, by name.
func (s *Server) staffLines() []StaffLine {
	var list []StaffLine
	for _, p := range s.People.People() {
		if p.Kind == register.Staff {
			list = append(list, s.staffLine(p))
		}
	}
	return list
}

func (s *Server) staffLine(p register.Person) StaffLine {
	line := StaffLine{ID: p.ID, MIS: p.MIS, Name: p.Name()}
	line.PIN, _ = s.Staff.Since(p.ID)
	if badge, err := s.Badges.Live(p.ID); err == nil {
		line.Badge = badge.Serial
	}
	return line
}

// serveStaff answers the commands about staff.
func (s *Server) serveStaff(mux *http.ServeMux) {
	mux.HandleFunc("POST /staff-pin", control.Answer(s.changePIN))
	mux.HandleFunc("POST /staff", control.Answer(func(context.Context, struct{}) ([]StaffLine, error) { return s.staffLines(), nil }))
}

package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// UserChange asks for an account to be made, ended, reset or given a role from
// the server's own machine.
type UserChange struct {
	ID     string `json:"id"`
	Person string `json:"person,omitempty"` // by id, or by that of the school's information system

	Another bool `json:"another,omitempty"` // beside an account that person has

	Name string `json:"name,omitempty"` // of somebody the register does not know
	roles.Assignment
	End  string `json:"end,omitempty"` // id of a role to end
	Link bool   `json:"link,omitempty"`
}

// UserLink is the code of a one-time link: a secret.
type UserLink struct {
	Code accounts.Code `json:"code,omitzero"`
	URL  string        `json:"url,omitempty"` // where the pages are
}

// makeUser makes an account with a role, and its link.
func (s *Server) makeUser(ctx context.Context, in UserChange) (UserLink, error) {
	if !in.Role.Known() {
		return UserLink{}, errs.New(errs.Invalid, "There is no role of that name.", "The roles are: "+roleNames())
	}
	n := accounts.NewAccount{ID: in.ID, Person: s.staffID(in.Person), Name: in.Name, Another: in.Another}
	if s.Users.Fits(n.Person, in.Role) != nil {
		return UserLink{}, errs.New(errs.Invalid, fmt.Sprintf("An account with the role %s belongs to a member of staff in the register.", in.Role),
			"Say whose it is with --person; people come by bellkeep import.")
	}
	if err := s.Users.Make(ctx, accounts.Console, n); err != nil {
		return UserLink{}, err
	}
	if err := s.Users.Give(ctx, accounts.Console, in.ID, in.Assignment); err != nil {
		return UserLink{}, err
	}
	return s.resetUser(ctx, in)
}

// staffID is a person's id here, by that or by the id of the school's information
// system.
func (s *Server) staffID(person string) string {
	if p, ok := s.People.ByMIS(person); ok && person != "" {
		return p.ID
	}
	return person
}

// tieUser says whose account one is.
func (s *Server) tieUser(ctx context.Context, in UserChange) (struct{}, error) {
	return struct{}{}, s.Users.Link(ctx, accounts.Console, in.ID, s.staffID(in.Person), in.Another)
}

func roleNames() string {
	var names []string
	for _, r := range roles.All {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func (s *Server) resetUser(ctx context.Context, in UserChange) (UserLink, error) {
	code, err := s.Users.Reset(ctx, accounts.Console, in.ID)
	return UserLink{code, s.PagesURL}, err
}

// changeRole gives a role, or ends one.
func (s *Server) changeRole(ctx context.Context, in UserChange) (struct{}, error) {
	if in.End != "" {
		return struct{}{}, s.Users.EndRole(ctx, accounts.Console, in.ID, in.End)
	}
	return struct{}{}, s.Users.Give(ctx, accounts.Console, in.ID, in.Assignment)
}

// UserLine is a line of the list of accounts.
type UserLine struct {
	ID    string           `json:"id"`
	Name  string           `json:"name,omitempty"`
	Roles []accounts.Grant `json:"roles,omitempty"`
	Live  bool             `json:"live"` // may sign in now
	Ended time.Time        `json:"ended,omitzero"`
}

// userLines is every account, ended ones too.
func (s *Server) userLines(context.Context, struct{}) ([]UserLine, error) {
	var list []UserLine
	now := s.Now().Wall
	for _, a := range s.Users.List() {
		list = append(list, UserLine{a.ID, a.Name, a.Grants, a.Live(now), a.Ended})
	}
	return list, nil
}

// serveUsers answers the commands about accounts.
func (s *Server) serveUsers(mux *http.ServeMux) {
	mux.HandleFunc("POST /user-make", control.Answer(s.makeUser))
	mux.HandleFunc("POST /user-reset", control.Answer(s.resetUser))
	mux.HandleFunc("POST /user-role", control.Answer(s.changeRole))
	mux.HandleFunc("POST /user-person", control.Answer(s.tieUser))
	mux.HandleFunc("POST /user-end", control.Answer(func(ctx context.Context, in UserChange) (struct{}, error) {
		return struct{}{}, s.Users.End(ctx, accounts.Console, in.ID)
	}))
	mux.HandleFunc("POST /users", control.Answer(s.userLines))
	mux.HandleFunc("POST /user-seal", control.Answer(func(ctx context.Context, _ struct{}) ([]accounts.Sealed, error) {
		return s.Users.Seal(ctx, accounts.Console)
	}))
}

package server

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
)

// postman is a mail server that keeps what it took.
type postman struct {
	mu   sync.Mutex
	took []notify.Mail
}

func (p *postman) Send(_ context.Context, m notify.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took = append(p.took, m)
	return nil
}

// mails are those about changes for devices; the server tells of other things too.
func (p *postman) mails() []notify.Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.took), func(m notify.Mail) bool { return !strings.Contains(m.Subject, "a change for school devices") })
}

// A move that IT asks for is told to the safeguarding lead by e-mail, at the address
// of the register, once, whatever is restarted.
func TestStaffAreTold(t *testing.T) {
	post := &postman{}
	c := millLane(t)
	c.Mailer = post
	var ids []string
	one := func(s *Server, t *testing.T) {
		s.PagesURL = "https://bellkeep.example"
		teller := s.alerts()
		teller.Tell(t.Context())
		teller.Tell(t.Context())
		eventually(t, "the e-mail has left", func() bool { return len(post.mails()) == 1 && len(s.Notices.Of(ids[0])) == 1 })
	}
	t.Run("asked", func(t *testing.T) {
		s := run(t, c)
		ctx := t.Context()
		staff := func(mis, account string, role roles.Role, email string) string {
			entry := register.Entry{Kind: register.Staff, Details: register.Details{MIS: mis, Given: mis, Family: "Staff", Email: email}}
			must(t, s.People.Apply(ctx, "it", register.Changes{New: []register.Entry{entry}}, register.Stated{}))
			for _, p := range s.People.People() {
				if p.MIS == mis {
					must(t, s.Users.Make(ctx, accounts.Console, accounts.NewAccount{ID: account, Person: p.ID}))
					must(t, s.Users.Give(ctx, accounts.Console, account, roles.Assignment{Role: role}))
					return p.ID
				}
			}
			t.Fatal("nobody was listed")
			return ""
		}
		it := staff("IT1", "anna", roles.IT, "anna@school.example")
		staff("DSL1", "dora", roles.DSL, "dora@school.example")
		staff("T1", "tom", roles.Teacher, "")
		rules := mdmtest.InLessons(mdm.Share)
		rules.Groups, rules.Assignments[0].Group = []mdm.Group{{ID: "trolley"}}, "trolley"
		must(t, s.DeviceRules.Begin(ctx, "it", rules))
		tab := mdm.Device{ID: "tab-1", Groups: []string{"trolley"}, Platform: "pretend"}
		must(t, s.Fleet.List(ctx, "anna", tab))
		tab.Groups = nil
		by := change.By{Actor: school.Actor{Account: "anna", Person: it}, Roles: []roles.Assignment{{Role: roles.IT}}}
		moves, err := s.Fleet.Change(ctx, by, "It goes to the museum; pictures may travel.", tab)
		must(t, err)
		ids = []string{moves[0].ID}
		one(s, t)
		mail := post.mails()[0]
		if mail.To != "dora@school.example" || !strings.Contains(mail.Text, "https://bellkeep.example/device-rules/move/"+ids[0]) || !strings.Contains(mail.Text, "1 school device is to move") || strings.Contains(mail.Text, "museum") {
			t.Errorf("%+v", mail)
		}
	})
	t.Run("after a restart", func(t *testing.T) { one(run(t, c), t) })
}

package access

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// one is the page about one account.
type one struct {
	*kit.Form
	line
	MayManage, MayGive, Unlisted bool
	Roles, Staff, Another        []kit.Option
}

func address(id string) string { return root + "/account/" + url.PathEscape(id) }

func (p *pages) one(c echo.Context) error {
	data, err := p.about(c, p.kit.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.kit.Page(c, http.StatusOK, "account-of", data.Name, data)
}

func (p *pages) about(c echo.Context, f *kit.Form) (one, error) {
	a, known := p.Accounts.Get(c.Param("id"))
	if !known {
		return one{}, errs.New(errs.NotFound, "There is no such account.", "Look it up in the list of who may sign in.")
	}
	data := one{Form: f, line: p.line(a), Unlisted: !school.Known(a.Person), Staff: p.staff(), Another: another}
	data.MayManage = p.kit.May(c, roles.ManageAccounts, roles.Target{})
	data.MayGive = p.kit.May(c, roles.GiveRoles, roles.Target{})
	data.Roles = []kit.Option{{Text: "Choose a role"}}
	for _, r := range roles.All {
		if p.Accounts.Fits(a.Person, r) != nil {
			continue
		}
		data.Roles = append(data.Roles, kit.Option{Value: string(r), Text: kit.RoleName(r)})
	}
	return data, nil
}

// outsider is chosen for somebody whom the register does not know.
const outsider = "outsider"

// another says that a person is to have a second account.
var another = []kit.Option{{Value: "yes", Text: "They have an account already, and are to have one more",
	Hint: "Two accounts of one person count as one where something takes two people."}}

// staff are the members of staff to choose from, with the account they have.
func (p *pages) staff() []kit.Option {
	has := map[string]string{}
	for _, a := range p.Accounts.List() {
		if a.Ended.IsZero() {
			has[a.Person] = ", has the account " + a.ID
		}
	}
	list := []kit.Option{{Text: "Choose a member of staff"}}
	for _, person := range p.People.People() {
		if person.Kind == register.Staff {
			list = append(list, kit.Option{Value: person.ID, Text: person.Name() + has[person.ID]})
		}
	}
	return list
}

// do runs a command that a form about one account asks for.
func (p *pages) do(c echo.Context, run func(f *kit.Form, by, id string) error) error {
	f, err := p.kit.ReadForm(c)
	if err != nil {
		return err
	}
	id := c.Param("id")
	err = p.kit.Do(c, f, func() (string, error) { return address(id), run(f, p.kit.Who(c).Account, id) })
	if err == nil {
		return nil
	}
	data, missing := p.about(c, f)
	if missing != nil {
		return errors.Join(missing, err)
	}
	return p.kit.Refuse(c, f, err, "account-of", data.Name, data)
}

func (p *pages) end(c echo.Context) error {
	return p.do(c, func(_ *kit.Form, by, id string) error { return p.Accounts.End(c.Request().Context(), by, id) })
}

func (p *pages) lost(c echo.Context) error {
	return p.do(c, func(_ *kit.Form, by, id string) error { return p.Accounts.Lost(c.Request().Context(), by, id) })
}

func (p *pages) signOut(c echo.Context) error {
	return p.do(c, func(_ *kit.Form, by, id string) error { return p.Accounts.EndSessions(c.Request().Context(), by, id) })
}

func (p *pages) link(c echo.Context) error {
	return p.do(c, func(f *kit.Form, by, id string) error {
		return p.Accounts.Link(c.Request().Context(), by, id, f.Get("person"), f.Get("another") != "")
	})
}

func (p *pages) endRole(c echo.Context) error {
	return p.do(c, func(f *kit.Form, by, id string) error {
		return p.Accounts.EndRole(c.Request().Context(), by, id, f.Get("grant"))
	})
}

func (p *pages) give(c echo.Context) error {
	return p.do(c, func(f *kit.Form, by, id string) error {
		a := roles.Assignment{Role: roles.Role(f.Get("role")), Forms: formsOf(f)}
		var err error
		a.From, err = p.date(f, "from", 0)
		until, wrong := p.date(f, "until", 1)
		a.Until = until
		if err = errors.Join(err, wrong); err != nil {
			return err
		}
		return p.Accounts.Give(c.Request().Context(), by, id, a)
	})
}

// formsOf reads the forms of a role: names with commas or blanks between.
func formsOf(f *kit.Form) []string {
	var list []string
	for _, text := range f.Values["forms"] {
		for form := range strings.SplitSeq(text, ",") { // a form may be called Year 6
			if form = strings.TrimSpace(form); form != "" {
				list = append(list, form)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// date reads a day; plus days later is meant, so that a last day counts whole.
func (p *pages) date(f *kit.Form, name string, plus int) (time.Time, error) {
	if f.Get(name) == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, f.Get(name), p.kit.Now().Location())
	if err != nil {
		return t, errs.At(name, "Enter a day, such as 2026-11-23", "")
	}
	if t = t.AddDate(0, 0, plus); plus == 0 && t.Before(p.kit.Now()) {
		t = time.Time{} // from today is from now
	}
	return t, nil
}

// newAccount is the form for making one.
type newAccount struct {
	*kit.Form
	Staff, Another []kit.Option
}

func (p *pages) newAccount(f *kit.Form) newAccount {
	return newAccount{f, append(p.staff(), kit.Option{Value: outsider, Text: "Somebody who is not in the register"}), another}
}

func (p *pages) newForm(c echo.Context) error {
	return p.kit.Page(c, http.StatusOK, "new-account", "Make an account", p.newAccount(p.kit.NewForm(c, nil)))
}

func (p *pages) make(c echo.Context) error {
	f, err := p.kit.ReadForm(c)
	if err != nil {
		return err
	}
	n := accounts.NewAccount{ID: f.Get("id"), Person: f.Get("person"), Name: f.Get("name"), Another: f.Get("another") != ""}
	err = p.kit.Do(c, f, func() (string, error) {
		switch n.Person {
		case "":
			return "", errs.At("person", "Choose whose account it is", "")
		case outsider:
			n.Person = ""
		}
		return address(n.ID), p.Accounts.Make(c.Request().Context(), p.kit.Who(c).Account, n)
	})
	if err != nil {
		return p.kit.Refuse(c, f, err, "new-account", "Make an account", p.newAccount(f))
	}
	return nil
}

package accounts_test

import (
	"context"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// holder is what the model knows of one account.
type holder struct {
	person  string
	ended   bool
	until   time.Time // of its only role; zero for open-ended
	changed time.Time
	key     string // of its app
	step    int64  // last taken
	spent   map[string]bool
	codes   []accounts.Code // on paper
	link    accounts.Code   // that may still be used
}

// model is the book as simply as it can be said.
type model struct {
	*accountstest.School
	held map[string]*holder
	left map[string]bool
	old  []accounts.Code // links that were used or replaced
}

var names = []string{"ann", "ann-too", "bob", "cay"}

func (m *model) draw(t *rapid.T) (string, *holder) {
	id := rapid.SampledFrom(names).Draw(t, "account")
	return id, m.held[id]
}

func (m *model) live(h *holder) bool {
	return !h.ended && !m.left[h.person] && (h.until.IsZero() || m.Now().Before(h.until))
}

func (m *model) must(t *rapid.T, possible bool, err error) {
	if possible != (err == nil) || errs.CodeOf(err) == errs.Internal {
		t.Fatalf("possible is %v, but: %v", possible, err)
	}
}

func (m *model) wait(t *rapid.T) {
	m.Wait(time.Duration(rapid.SampledFrom([]int{20, 40, 3600, 13 * 3600, 25 * 3600}).Draw(t, "seconds")) * time.Second)
}

func (m *model) end(t *rapid.T) {
	id, h := m.draw(t)
	m.must(t, !h.ended, m.End(t.Context(), accounts.Console, id))
	if !h.ended {
		h.ended, h.changed, h.link = true, m.Now(), accounts.Code{}
	}
}

func (m *model) leave(t *rapid.T) {
	_, h := m.draw(t)
	m.Leave(h.person)
	m.left[h.person] = true
}

func (m *model) reset(t *rapid.T) {
	id, h := m.draw(t)
	code, err := m.Reset(t.Context(), accounts.Console, id)
	m.must(t, !h.ended && !m.left[h.person], err)
	if err == nil {
		m.old, h.link = append(m.old, h.link), code
	}
}

func (m *model) useLink(t *rapid.T) {
	id, h := m.draw(t)
	got, err := m.UseLink(t.Context(), h.link.Text, accounts.NewAccount{}, good)
	m.must(t, h.link.Text != "" && m.Now().Before(h.link.Until) && !h.ended && !m.left[h.person], err)
	if err == nil {
		if got != id {
			t.Fatalf("the link of %s was good for %s", id, got)
		}
		m.old, h.link, h.changed = append(m.old, h.link), accounts.Code{}, m.Now()
	}
}

func (m *model) setApp(t *rapid.T) {
	if id, h := m.draw(t); !h.ended && !m.left[h.person] { // else nobody is signed in there
		m.setUp(t, id, h)
	}
}

func (m *model) setUp(t *rapid.T, id string, h *holder) {
	key, _, err := m.NewTOTP(id)
	m.must(t, true, err)
	code, err := totp.GenerateCode(key, m.Now())
	m.must(t, true, err)
	m.must(t, true, m.SetTOTP(t.Context(), id, key, code))
	h.key, h.step, h.changed, h.spent = key, m.Now().Unix()/30, m.Now(), map[string]bool{}
	h.codes, err = m.NewRecovery(t.Context(), id)
	m.must(t, true, err)
}

// useCode shows a code of the app, of now or of a step around it.
func (m *model) useCode(t *rapid.T) {
	id, h := m.draw(t)
	if h.key == "" {
		return
	}
	off := rapid.Int64Range(-2, 2).Draw(t, "steps off")
	step := m.Now().Unix()/30 + off
	code, err := totp.GenerateCode(h.key, time.Unix(step*30, 0))
	m.must(t, true, err)
	possible := m.live(h) && off >= -1 && off <= 1 && step > h.step
	m.signIn(t, id, code, possible)
	m.signIn(t, id, code, false)
	if possible {
		h.step = step
	}
}

func (m *model) useRecovery(t *rapid.T) {
	id, h := m.draw(t)
	if len(h.codes) == 0 {
		return
	}
	code := rapid.SampledFrom(h.codes[:3]).Draw(t, "code").Shown()
	possible := m.live(h) && !h.spent[code]
	m.signIn(t, id, code, possible)
	m.signIn(t, id, code, false)
	h.spent[code] = h.spent[code] || possible
}

func (m *model) signIn(t *rapid.T, id, code string, possible bool) {
	proof, ok := m.Code(id, code)
	ok = ok && m.SignIn(t.Context(), id, proof) == nil
	if ok != possible {
		t.Fatalf("%s signed in: %v, possible: %v", id, ok, possible)
	}
}

// check holds the book, and the book read again, against the model.
func (m *model) check(t *rapid.T) {
	for _, l := range m.old {
		if _, _, err := m.Linked(l.Text); err == nil {
			t.Fatal("a link works twice")
		}
	}
	for name, b := range map[string]*accounts.Book{"running": m.Book, "restarted": m.Again(t)} {
		for id, h := range m.held {
			s, live := b.Standing(id)
			changed := h.changed
			for _, other := range m.held {
				if other.person == h.person && other.changed.After(changed) {
					changed = other.changed
				}
			}
			if live != m.live(h) || !s.Changed.Equal(changed) || s.Person != h.person {
				t.Fatalf("%s: %s is live: %v, changed %v; want %v, %v", name, id, live, s.Changed, m.live(h), changed)
			}
			if _, err := s.Approve(m.Now()); (err == nil) != (school.Known(h.person) && m.Now().Sub(changed) >= 24*time.Hour) {
				t.Fatalf("%s: %s approves %v after its holder's change: %v", name, id, m.Now().Sub(changed), err)
			}
			if err := b.SignIn(context.Background(), id, accounts.Proof{How: accounts.ByPassword}); (err == nil) != live {
				t.Fatalf("%s: %s signs in: %v", name, id, err)
			}
		}
	}
}

// Nobody signs in with an account that has ended, a code that was taken, a link
// that was used, or a pass that is over; and whoever changed lately approves
// nothing, through whichever account of theirs.
func TestRandomHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{School: accountstest.Open(t, ""), held: map[string]*holder{}, left: map[string]bool{}}
		for i, id := range names {
			h := &holder{person: []string{"s-1", "s-1", "s-2", "s-3"}[i], changed: m.Now().Add(-7 * 24 * time.Hour)}
			m.Hire(t, id, h.person, roles.Office)
			m.held[id] = h
			m.setUp(t, id, h)
		}
		pass, err := m.GivePass(t.Context(), "ann", accountstest.Visitor, []string{"7A"}, m.Now().Add(7*time.Hour))
		m.must(t, true, err)
		m.held[pass.Account] = &holder{person: school.Unlisted + pass.Account, until: pass.Until, changed: m.Now()}
		t.Repeat(map[string]func(*rapid.T){
			"": m.check, "wait": m.wait, "end": m.end, "leave": m.leave, "reset": m.reset, "useLink": m.useLink,
			"setApp": m.setApp, "useCode": m.useCode, "useRecovery": m.useRecovery,
		})
	})
}

package exceptions

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/mdm"
	"pgregory.net/rapid"
)

// model is what a careful clerk would know of one exception: who asked last, who
// signed, and what was agreed.
type model struct {
	terms         exception.Terms
	asker, signer string // persons; asker of the request or extension signed last
	why           string
	settled       bool // the signer's account had been as it was for a day
	until, review time.Time
	pending       *model // an extension asked for
	ended         bool
}

type clerk map[string]*model

// holds says whether an exception is to be in force, by the rules on paper.
func (m *model) holds(now time.Time, r policy.Rules) bool {
	if m.signer == "" || m.ended || now.Before(m.terms.From) {
		return false
	}
	if m.terms.Kind == exception.Curriculum && r.Curriculum == policy.NoCurriculum {
		return false
	}
	goesOn := m.terms.Kind == exception.Medical || m.terms.Kind == exception.Disability
	return goesOn || now.Before(m.until) && now.Before(m.review)
}

// TestHistories plays random histories: many accounts, some of one person, some
// fresh; rules that change; time that passes.
func TestHistories(t *testing.T) {
	accounts := []By{head, headTwo, acting, deputy, teacher, who("teacher-home", "s-teacher", true)}
	kinds := []exception.Kind{exception.Medical, exception.Travel, exception.Staff, exception.Curriculum}
	rapid.Check(t, func(r *rapid.T) {
		d, c := newDesk(r), clerk{}
		by := func(r *rapid.T) By {
			b := rapid.SampledFrom(accounts).Draw(r, "by")
			b.Changed = d.now.Add(-rapid.SampledFrom([]time.Duration{48 * time.Hour, 48 * time.Hour, 23 * time.Hour}).Draw(r, "changed"))
			return b
		}
		one := func(r *rapid.T) string {
			all := d.All()
			if len(all) == 0 {
				r.Skip("none yet")
			}
			return rapid.SampledFrom(all).Draw(r, "which").ID
		}
		odd := func(r *rapid.T, what string) bool { return rapid.IntRange(0, 5).Draw(r, what) == 0 }
		day := func(r *rapid.T, what string, usual time.Time) time.Time {
			if !odd(r, "odd "+what) {
				return usual
			}
			return rapid.SampledFrom([]time.Time{{}, d.now.AddDate(0, 0, -2), d.now.AddDate(0, 0, 5), d.now.AddDate(3, 0, 0)}).Draw(r, what)
		}
		text := func(r *rapid.T) string {
			return rapid.SampledFrom([]string{"a reason", "a reason", "a reason", " "}).Draw(r, "text")
		}
		r.Repeat(map[string]func(*rapid.T){
			"ask": func(r *rapid.T) {
				b, terms := by(r), medical()
				terms.Kind = rapid.SampledFrom(kinds).Draw(r, "kind")
				terms.Person = rapid.SampledFrom([]string{"p-1", "p-2", "s-head", "s-teacher"}).Draw(r, "person")
				terms.From, terms.Until, terms.Review = day(r, "from", d.now), day(r, "until", d.now.AddDate(0, 9, 0)), day(r, "review", d.now.AddDate(0, 3, 0))
				if terms.Kind == exception.Curriculum && !odd(r, "no lesson") {
					terms = lesson(int(d.now.Sub(monday)/(24*time.Hour)) + rapid.IntRange(0, 2).Draw(r, "day"))
				}
				p := exception.Paper{Why: text(r), Departure: text(r)}
				if id, err := d.Ask(r.Context(), b, terms, p); err == nil {
					c[id] = &model{terms: terms, asker: b.Person, why: p.Why, until: terms.Until, review: terms.Review}
				}
			},
			"approve": func(r *rapid.T) { c.approve(r, d, by(r), one(r)) },
			"approve all": func(r *rapid.T) {
				for _, e := range d.All() {
					c.approve(r, d, by(r), e.ID)
				}
			},
			"refuse": func(r *rapid.T) {
				id := one(r)
				if d.Refuse(r.Context(), by(r), id, text(r)) == nil {
					c[id].pending = nil
				}
			},
			"extend": func(r *rapid.T) {
				b, id, until, review := by(r), one(r), day(r, "until", d.now.AddDate(0, 9, 0)), day(r, "review", d.now.AddDate(0, 6, 0))
				if d.Extend(r.Context(), b, id, until, review, text(r)) == nil {
					c[id].pending = &model{asker: b.Person, until: until, review: review}
				}
			},
			"end": func(r *rapid.T) {
				id := one(r)
				if d.End(r.Context(), by(r), id, text(r)) == nil {
					c[id].ended = true
				}
			},
			"withdraw": func(r *rapid.T) {
				id := one(r)
				if d.Withdraw(r.Context(), by(r), id) == nil {
					c[id].ended = true
				}
			},
			"wait": func(r *rapid.T) {
				d.now = d.now.Add(rapid.SampledFrom([]time.Duration{time.Hour, 24 * time.Hour, 2500 * time.Hour}).Draw(r, "for"))
			},
			"change the rules": func(r *rapid.T) {
				d.rules.Curriculum = rapid.SampledFrom([]policy.Curriculum{policy.StaffAndHead, policy.NoCurriculum}).Draw(r, "rule")
				d.rules.Countersign = rapid.Bool().Draw(r, "countersign")
			},
			"restart": func(r *rapid.T) { d.Book = d.again(r) },
			"":        func(r *rapid.T) { c.check(r, d) },
		})
	})
}

func (c clerk) approve(r *rapid.T, d *desk, by By, id string) {
	if d.Approve(r.Context(), by, id) != nil {
		return
	}
	m := c[id]
	if p := m.pending; p != nil {
		m.asker, m.until, m.review, m.pending = p.asker, p.until, p.review, nil
	}
	m.signer, m.settled = by.Person, d.now.Sub(by.Changed) >= 24*time.Hour
}

// check holds the book against the clerk, and both against what must never be.
func (c clerk) check(r *rapid.T, d *desk) {
	grants, exempt := d.Grants(), d.ExemptNow()
	v := Devices{d.Book, holders{}}
	for _, e := range d.All() {
		m, in := c[e.ID], d.State(e).Binds()
		if in != m.holds(d.now, d.rules) {
			r.Fatalf("%s of %s is %s", e.Kind, e.Person, d.State(e))
		}
		given := false
		for _, g := range grants {
			given = given || strings.HasPrefix(g.ID, e.ID)
		}
		if m.ended && (given || in) {
			r.Fatal("ended, and still given to banks")
		}
		if !given && !in {
			continue
		}
		switch missing := e.From.IsZero() || e.Until.IsZero() || e.Review.IsZero() || strings.TrimSpace(e.Why) == "" || m.signer == ""; {
		case missing:
			r.Fatalf("given without approver, reason, beginning, end or review: %+v", e)
		case m.signer == m.asker || m.signer == e.Person || !m.settled:
			r.Fatalf("approved by %s, asked by %s, for %s, settled %v", m.signer, m.asker, e.Person, m.settled)
		case e.Kind == exception.Curriculum && d.rules.Curriculum == policy.NoCurriculum:
			r.Fatal("a lesson's exception where the rules know none")
		case in && e.Kind != exception.Curriculum && !slices.Contains(exempt, e.Person):
			r.Fatalf("%s is in force, and %s is cut off", e.Kind, e.Person)
		case in && e.Kind == exception.Curriculum && len(v.For(mdm.Device{ID: "pad", Groups: []string{"trolley-1"}}, d.now)) == 0:
			r.Fatal("a lesson in force leaves its devices out")
		}
	}
}

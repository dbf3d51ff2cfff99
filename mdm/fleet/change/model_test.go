package change

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/mdm"
	"pgregory.net/rapid"
)

// filtered is what start's rules filter: sharing in lessons, and the list.
func filtered(r mdm.Rules) string {
	return fmt.Sprint(r.Profiles[1].Set[mdm.Share], r.Lists[0].Items)
}

// auditor reads the ledger as a stranger would, knowing nothing of the book: which
// rules were in force when, and whether all that had to be said was said.
type auditor struct {
	fataler
	desk     *desk
	texts    map[string]string
	asked    map[string]body
	agreed   map[string]map[Side]string // persons, by change and side
	versions []auditedVersion           // without those cancelled
}

type auditedVersion struct {
	change string
	from   time.Time
	rules  mdm.Rules
}

func (a *auditor) read(r ledger.Record) error {
	var e body
	var p textPart
	if r.Kind == KindText && json.Unmarshal(r.Body, &p) == nil {
		a.texts[p.Sum] += p.Text
		return nil
	}
	_ = json.Unmarshal(r.Body, &e)
	rules := func(sum string) (out mdm.Rules) {
		must(a, json.Unmarshal([]byte(a.texts[sum]), &out))
		return out
	}
	switch r.Kind {
	case KindBegun:
		a.versions = append(a.versions, auditedVersion{"", r.Stamp.Wall, rules(e.Rules)})
	case KindAsked:
		a.asked[e.Change], a.agreed[e.Change] = e, map[Side]string{}
	case KindReviewed, KindConsented:
		if e.Agreed {
			a.agreed[e.Change][e.As] = e.Person
		}
	case KindPublished:
		v := auditedVersion{e.Change, e.From, rules(a.asked[e.Change].Rules)}
		a.published(v, a.asked[e.Change], a.agreed[e.Change])
		a.versions = append(a.versions, v)
	case KindCancelled:
		if last := a.versions[len(a.versions)-1]; last.change == e.Change && r.Stamp.Wall.Before(last.from) {
			a.versions = a.versions[:len(a.versions)-1]
			a.cancelled(last.rules, a.versions[len(a.versions)-1].rules)
		}
	case KindRolledBack:
		n := len(a.versions)
		if n < 2 || filtered(rules(e.Rules)) != filtered(a.versions[n-2].rules) {
			a.Fatal("a rollback went elsewhere than one step back")
		}
		a.versions = append(a.versions, auditedVersion{"rolled back", e.From, rules(e.Rules)})
	}
	return nil
}

func (a *auditor) published(v auditedVersion, asked body, by map[Side]string) {
	if by[Technical] == "" {
		a.Fatal("published without a technical reviewer")
	}
	if filtered(v.rules) == filtered(a.versions[len(a.versions)-1].rules) {
		return
	}
	data, err := a.desk.papers.Get(context.Background(), asked.Content)
	must(a, err)
	var p paper
	must(a, json.Unmarshal(data, &p))
	switch {
	case by[Educational] == "" || by[Educational] == by[Technical]:
		a.Fatal("filtering changed by ", by)
	case len(p.Risk) < leastRisk:
		a.Fatal("filtering changed without its risk")
	case asked.Consent && (by[Leadership] == "" || by[Leadership] == asked.Person):
		a.Fatal("filtering changed without consent")
	}
}

// cancelled lets nothing through on one person's word.
func (a *auditor) cancelled(from, to mdm.Rules) {
	strict := []mdm.Value{mdm.Allow, mdm.User, mdm.Block}
	if slices.Index(strict, to.Profiles[1].Set[mdm.Share]) < slices.Index(strict, from.Profiles[1].Set[mdm.Share]) {
		a.Fatal("one person opened sharing by cancelling")
	}
	for _, site := range from.Lists[0].Items {
		if !slices.Contains(to.Lists[0].Items, site) {
			a.Fatal("one person let a site through by cancelling")
		}
	}
}

// Whatever people do in any order: nothing that filters comes into force without two
// people, its risk and a record; a rollback goes one step back; and in force is what
// the ledger says.
func TestHistories(t *testing.T) {
	people := []By{it, itTwo, teacher, head, deputy, both, bothTwo, both, bothTwo, office, fresh}
	rapid.Check(t, func(rt *rapid.T) {
		d := deskOn(rt, vaulttest.Memory{})
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			d.now = d.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "hours")) * time.Hour)
			d.consent = rapid.IntRange(0, 3).Draw(rt, "consent") == 0
			d.doubt = rapid.IntRange(0, 9).Draw(rt, "clock") == 0
			who := rapid.SampledFrom(people).Draw(rt, "who")
			all := d.Requests()
			id, sides := "", Sides
			if len(all) > 0 { // mostly the last, and for what it lacks
				r := all[max(0, len(all)-1-rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(rt, "which"))]
				id, sides = r.ID, append(r.Missing(), Sides[:rapid.IntRange(0, 3).Draw(rt, "others")]...)
			}
			switch rapid.SampledFrom([]string{"ask", "ask", "ask", "yes", "yes", "yes", "yes", "yes", "yes", "no", "cancel", "rebase", "back"}).Draw(rt, "act") {
			case "ask":
				a := d.with(rapid.SampledFrom([]func(*mdm.Rules){
					share(mdm.User), share(mdm.Allow), share(mdm.Block), camera(mdm.User), camera(mdm.Block), items("x.com"), items("x.com", "y.com"),
				}).Draw(rt, "what"))
				a.Risk = rapid.SampledFrom([]string{a.Risk, a.Risk, ""}).Draw(rt, "risk")
				if ahead := rapid.IntRange(0, 30).Draw(rt, "ahead"); ahead > 15 {
					a.From = d.now.Add(time.Duration(ahead) * time.Hour)
				}
				_, _ = d.Ask(rt.Context(), who, a)
			case "yes":
				_, _ = d.Review(rt.Context(), who, id, rapid.SampledFrom(append(sides, Educational)).Draw(rt, "as"), true, "")
			case "no":
				_, _ = d.Review(rt.Context(), who, id, rapid.SampledFrom(append(sides, Technical)).Draw(rt, "as"), false, "No.")
			case "cancel":
				_ = d.Cancel(rt.Context(), who, id, "Not now.")
			case "rebase":
				_, _ = d.Rebase(rt.Context(), who, id)
			case "back":
				_, _ = d.RollBack(rt.Context(), who, "It went wrong.")
			}
		}
		a := &auditor{fataler: rt, desk: d, texts: map[string]string{}, asked: map[string]body{}, agreed: map[string]map[Side]string{}}
		must(rt, d.log.Read(rt.Context(), 0, a.read))
		at := monday.Add(time.Duration(rapid.IntRange(0, 500).Draw(rt, "at")) * time.Hour)
		want := mdm.Rules{}
		for _, v := range a.versions {
			if !v.from.After(at) {
				want = v.rules
			}
		}
		for _, b := range []*Book{d.Book, d.again(rt)} {
			if got, _ := b.At(at); !got.Equal(want) {
				rt.Fatalf("at %s in force:\n%+v, the ledger says\n%+v", at, got, want)
			}
		}
	})
}

// Rules written to a file and read again are the same rules.
func TestFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRules(rt)
		must(rt, r.Validate())
		data, err := WriteFile(r)
		must(rt, err)
		got := readText(rt, path, string(data))
		if !got.Equal(tidy(r)) {
			rt.Fatalf("%s\nread as %+v,\nwritten as %+v", data, got, tidy(r))
		}
	})
}

// anyRules are sound rules of any kind.
func anyRules(t *rapid.T) (r mdm.Rules) {
	name := rapid.StringMatching(`[ -~]{0,20}`)
	for n := range rapid.IntRange(0, 4).Draw(t, "groups") {
		r.Groups = append(r.Groups, mdm.Group{ID: fmt.Sprint("g", n), Name: name.Draw(t, "name"), Rank: rapid.IntRange(-3, 9).Draw(t, "rank")})
	}
	var lists []string
	for n := range rapid.IntRange(0, 3).Draw(t, "lists") {
		lists = append(lists, fmt.Sprint("l", n))
		r.Lists = append(r.Lists, mdm.List{ID: lists[n], Name: name.Draw(t, "name"), Items: rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9.*]{1,12}`), 1, 5, rapid.ID).Draw(t, "items")})
	}
	for n := range rapid.IntRange(0, 4).Draw(t, "profiles") {
		r.Profiles = append(r.Profiles, mdm.Profile{ID: fmt.Sprint("p", n), Name: name.Draw(t, "name"), Set: anySet(t, lists)})
		if rapid.Bool().Draw(t, "assigned") {
			a := mdm.Assignment{Profile: fmt.Sprint("p", n)}
			if len(r.Groups) > 0 {
				a.Group = rapid.SampledFrom(r.Groups).Draw(t, "group").ID
			}
			if rapid.Bool().Draw(t, "timed") {
				a.Periods = rapid.SliceOfNDistinct(rapid.SampledFrom([]mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home, "exam"}), 1, 3, rapid.ID).Draw(t, "periods")
			}
			r.Assignments = append(r.Assignments, a)
		}
	}
	if s := anySet(t, lists); len(s) > 0 {
		r.Quarantine = s
	}
	return r
}

func anySet(t *rapid.T, lists []string) mdm.Set {
	s := mdm.Set{}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(Settings), 0, len(Settings), rapid.ID).Draw(t, "settings") {
		switch name {
		case mdm.PasscodeSetting:
			s[name] = mdm.Passcode{Require: true, MinLength: rapid.IntRange(4, 16).Draw(t, "length")}.Value()
		case mdm.AutoLock:
			s[name] = mdm.Value(fmt.Sprint(rapid.IntRange(30, 3600).Draw(t, "seconds")))
		case mdm.Apps, mdm.Web:
			l := mdm.Lists{Block: lists}
			if rapid.Bool().Draw(t, "only") {
				l = mdm.Lists{Only: lists}
			}
			s[name] = l.Value()
		default:
			s[name] = rapid.SampledFrom([]mdm.Value{mdm.Allow, mdm.Block, mdm.User}).Draw(t, "switch")
		}
	}
	return s
}

func readText(t fataler, path, text string) mdm.Rules {
	t.Helper()
	must(t, write0(path, text))
	var faults config.Faults
	r := ReadFile(path, &faults)
	if err := faults.Err(); err != nil {
		t.Fatal(strings.TrimSpace(text), err)
	}
	return r
}

package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// compare says where what was found is not what was expected.
func (w *world) compare(e Expect, f found) []string {
	c := comparison{world: w}
	c.refusal(e.Refused, f.err)
	if e.Records != nil {
		c.records(e.Records, f.records)
	}
	if e.Screen != "" {
		c.same("screen", w.screenNamed(e.Screen), f.screen)
	}
	c.list("opened", w.doors(e.Opened), e.Opened != nil, f.opened)
	c.list("open", w.doors(e.Open), e.Open != nil, f.open)
	c.list("problems", w.named(e.Problems), e.Problems != nil, f.problems)
	c.list("in-force", e.InForce, e.InForce != nil, f.inForce)
	c.list("behind", e.Behind, e.Behind != nil, f.behind)
	if e.Missing != nil && *e.Missing != len(f.missing) {
		c.differ("missing: expected %d, found %d", *e.Missing, len(f.missing))
	}
	c.list("missing-are", e.MissingAre, e.MissingAre != nil, c.names(f.missing))
	for _, name := range slices.Sorted(maps.Keys(e.Exceptions)) {
		c.same("exceptions: of "+name, e.Exceptions[name], f.exceptions[name])
	}
	for _, title := range slices.Sorted(maps.Keys(e.Papers)) {
		c.same("papers: "+title, e.Papers[title], f.papers[title])
	}
	if e.Notices != nil {
		for _, name := range union(e.Notices, f.notices) {
			c.same("notices: to "+name, e.Notices[name], f.notices[name])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.Counts)) {
		got, known := f.counts[key]
		if !known || got != e.Counts[key] {
			c.differ("counts: %s: expected %d, found %d", key, e.Counts[key], got)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Place)) {
		c.place(name, e.Place[name])
	}
	return c.differences
}

type comparison struct {
	*world
	differences []string
}

func (c *comparison) differ(format string, args ...any) {
	c.differences = append(c.differences, fmt.Sprintf(format, args...))
}

func (c *comparison) same(what, want, got string) {
	if want != got {
		c.differ("%s: expected %q, found %q", what, want, got)
	}
}

func (c *comparison) list(what string, want []string, asked bool, got []string) {
	if !asked {
		return
	}
	want, got = slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
	if !slices.Equal(want, got) {
		c.differ("%s: expected %s, found %s", what, said(want), said(got))
	}
}

func said(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// refusal compares what the product refused; without one expected nothing may
// have been.
func (c *comparison) refusal(want *Refusal, err error) {
	switch {
	case errors.As(err, new(mistake)):
		c.differ("the script is wrong: %v", err)
	case want == nil && err != nil:
		c.differ("refused, and nobody expected it (%s): %v", errs.CodeOf(err), err)
	case want != nil && err == nil:
		c.differ("refused: expected a refusal (%s %q), and there was none", want.Code, want.Says)
	case want == nil:
	case want.Code != "" && want.Code != string(errs.CodeOf(err)):
		c.differ("refused: expected code %s, found %s: %v", want.Code, errs.CodeOf(err), err)
	case !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want.Says)):
		c.differ("refused: expected words %q, found: %v", want.Says, err)
	}
}

// allBanks stands for the ledgers of all banks that are not named by themselves.
const allBanks = "banks"

// records compares kinds and numbers: exactly those, on every ledger.
func (c *comparison) records(want, got map[string]map[string]int) {
	found := map[string]map[string]int{}
	for ledger, kinds := range got {
		if _, named := want[ledger]; !named && ledger != "school" && want[allBanks] != nil {
			ledger = allBanks
		}
		if found[ledger] == nil {
			found[ledger] = map[string]int{}
		}
		for kind, n := range kinds {
			found[ledger][kind] += n
		}
	}
	for _, ledger := range union(want, found) {
		for _, kind := range union(want[ledger], found[ledger]) {
			if want[ledger][kind] != found[ledger][kind] {
				c.differ("records: %s: expected %d of %q, found %d", ledger, want[ledger][kind], kind, found[ledger][kind])
			}
		}
	}
}

// union gives the keys of two maps, sorted.
func union[V any](a, b map[string]V) []string {
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, both := a[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// place compares where a device really is, and where the records have it.
func (c *comparison) place(name, want string) {
	owner := c.people[name]
	if owner == nil {
		c.differ("place: %s is not at this school", name)
		return
	}
	if !c.isAt(owner, want) {
		c.differ("place: the device of %s: expected %q, and really it is %q", name, want, owner.where)
	}
	if recorded := c.recorded(owner); recorded != owner.where {
		c.differ("place: the device of %s is really %q, and on record %q", name, owner.where, recorded)
	}
}

// recorded is where the records have a device: a bank's that holds it, else the
// school's own, else its owner.
func (w *world) recorded(owner *person) string {
	for _, b := range w.banks {
		if h := b.core.State().Holdings[owner.id]; h != nil {
			return atDoor + door{b.id, h.Door}.String()
		}
	}
	if holder := w.withInvigilator(owner); holder != nil {
		return inHands + holder.name
	}
	if at := w.trayWith(owner); at != "" {
		return at
	}
	return w.custody(owner)
}

// names are those of people by their ids.
func (w *world) names(ids []string) []string {
	var names []string
	for _, id := range ids {
		names = append(names, w.nameOf(id))
	}
	return names
}

// screenNamed opens out "put-in own P".
func (w *world) screenNamed(text string) string {
	word, rest, _ := strings.Cut(text, " ")
	if d, err := w.door(rest); err == nil {
		return fmt.Sprintf("%s %d", word, d.n)
	}
	return text
}

// doors opens out doors of their own.
func (w *world) doors(list []string) []string {
	var names []string
	for _, text := range list {
		if d, err := w.door(text); err == nil {
			text = d.String()
		}
		names = append(names, text)
	}
	return names
}

// named opens out the doors in lines like "left-open own P".
func (w *world) named(list []string) []string {
	var names []string
	for _, text := range list {
		code, rest, _ := strings.Cut(text, " ")
		if d, err := w.door(rest); err == nil {
			text = code + " " + d.String()
		}
		names = append(names, text)
	}
	return names
}

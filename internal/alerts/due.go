package alerts

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
)

// The templates of messages.
const (
	changeTemplate = "device-change"
	bellTemplate   = "device-bell"
)

// Due are all messages that staff should have had by now, whether they had them or
// not.
func (t *Teller) Due() []notify.Alert {
	now, all := t.Now(), t.Accounts()
	var list []notify.Alert
	last, _ := t.Changes.Last()
	for _, r := range t.Changes.Requests() {
		if r.State == change.Waiting && r.Base == last.N {
			a := notify.Alert{About: r.ID, What: "The rules for school devices are to change.", Link: t.Base() + "/device-rules/change/" + r.ID}
			if r.Filters {
				a.What = "The rules for school devices are to change in what they filter."
			}
			list = append(list, reviewers(all, r.Consensus, a, now)...)
		}
	}
	for _, m := range t.Moves.Moves() {
		if m.State == change.Waiting && t.Moves.MayMove(m) == nil {
			a := notify.Alert{About: m.ID, What: plural(len(m.Devices), "school device is", "school devices are") + " to move to where another filter holds.", Link: t.Base() + "/device-rules/move/" + m.ID}
			list = append(list, reviewers(all, m.Consensus, a, now)...)
		}
	}
	list = append(list, t.breaches(all, now)...)
	if b, ok := t.Bells.Last(); ok && b.Missed != nil && now.Sub(b.Rang) >= 0 && now.Sub(b.Rang) < bellAge {
		rules, _ := t.Changes.At(now)
		a := notify.Alert{About: b.Missed.ID(), Template: bellTemplate, Time: b.Rang, What: bellWords(*b.Missed, rules),
			Link: t.Base() + "/device-history?day=" + b.Day + "&period=" + url.QueryEscape(b.Bell)}
		for _, person := range people(all, roles.ManageDevices, now) {
			a.Staff = person
			list = append(list, a)
		}
	}
	return slices.Concat(list, t.kept(all, now), t.concerns(all, now))
}

var sideWords = map[change.Side]string{
	change.Technical:   "You may agree as one who looks after the devices.",
	change.Educational: "You may agree as one who knows the pupils.",
	change.Leadership:  "You may decide for the leadership.",
}

// reviewers are an alert to everybody who may speak for a side that is missing.
func reviewers(all []accounts.Account, c change.Consensus, a notify.Alert, now time.Time) (list []notify.Alert) {
	told := map[string]bool{}
	for _, side := range c.Missing() {
		may := slices.DeleteFunc(people(all, side.Permission(), now), func(p string) bool { return told[p] || !c.MayAgree(p, side) })
		for _, person := range may[:min(len(may), MostTold)] {
			told[person] = true
			mine := a
			mine.Template, mine.Staff, mine.Time, mine.What = changeTemplate, person, c.By.At, a.What+" "+sideWords[side]
			list = append(list, mine)
		}
	}
	return list
}

// people are those of the register who may do something, each once, the weightiest
// roles first.
func people(all []accounts.Account, p roles.Permission, now time.Time) (list []string) {
	for _, role := range roles.All {
		if roles.Table[p].Roles[role] != roles.School {
			continue
		}
		for _, a := range all {
			if a.Live(now) && a.Holds(now, role) && school.Known(a.Person) && !slices.Contains(list, a.Person) {
				list = append(list, a.Person)
			}
		}
	}
	return list
}

// bellWords say in counts which groups a bell did not reach.
func bellWords(m history.Missed, rules mdm.Rules) string {
	words := []string{fmt.Sprintf("%s: %d of %s had not answered a minute later.", m.Bell, m.Late, plural(m.Devices, "device", "devices"))}
	if n := len(m.Violating) + m.More; n > 0 {
		words = append(words, fmt.Sprintf("In an exam, %s not as it must be.", plural(n, "device is", "devices are")))
	}
	for i, g := range m.Groups {
		text := change.GroupWords(rules, g.ID) + ": " + groupWords(g) + "."
		if length(words)+len(text) > notify.MaxWhat-len("And 50 more groups.")-1 {
			words = append(words, fmt.Sprintf("And %s.", plural(len(m.Groups)-i, "more group", "more groups")))
			break
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

func groupWords(g history.Group) string {
	var parts []string
	if g.Late > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d late", g.Late, g.Of))
	}
	if g.Violating > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d not as they must be", g.Violating, g.Of))
	}
	return strings.Join(parts, ", ")
}

// length is that of words with a space after each.
func length(words []string) (n int) {
	for _, w := range words {
		n += len(w) + 1
	}
	return n
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

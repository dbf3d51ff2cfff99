package devicerules

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

func hasList(r mdm.Rules, id string) bool { return listAt(r, id) >= 0 }

func listAt(r mdm.Rules, id string) int {
	return slices.IndexFunc(r.Lists, func(l mdm.List) bool { return l.ID == id })
}

func (p *pages) startList(r mdm.Rules, id string) url.Values {
	n := listAt(r, id)
	if n < 0 {
		return url.Values{}
	}
	return url.Values{"name": {r.Lists[n].Name}, "items": {strings.Join(r.Lists[n].Items, "\n")}}
}

func applyList(r *mdm.Rules, id string, f *kit.Form) error {
	if id == newID {
		if id = f.Get("id"); !school.ValidID(id) || id == newID || hasList(*r, id) {
			return errs.At("id", "Give a short name that no list has yet.", "Use small letters, digits and hyphens, like games.")
		}
		r.Lists = append(r.Lists, mdm.List{ID: id})
	}
	n := listAt(*r, id)
	if f.Get("remove") != "" {
		r.Lists = slices.Delete(r.Lists, n, n+1)
		return nil
	}
	r.Lists[n].Name, r.Lists[n].Items = f.Get("name"), nil
	for item := range strings.FieldsSeq(f.Get("items")) {
		if !slices.Contains(r.Lists[n].Items, item) {
			r.Lists[n].Items = append(r.Lists[n].Items, item)
		}
	}
	probe := mdm.Rules{Lists: []mdm.List{{ID: "list", Items: r.Lists[n].Items}}}
	if err := probe.Validate(); err != nil {
		return errs.At("items", errs.All(err)[0].Message, "One app’s id or site’s name on each line, like com.example.app or example.com.")
	}
	return nil
}

func hasGroup(r mdm.Rules, id string) bool { return groupAt(r, id) >= 0 }

func groupAt(r mdm.Rules, id string) int {
	return slices.IndexFunc(r.Groups, func(g mdm.Group) bool { return g.ID == id })
}

func (p *pages) startGroup(r mdm.Rules, id string) url.Values {
	n := groupAt(r, id)
	if n < 0 {
		return url.Values{"rank": {"0"}}
	}
	return url.Values{"name": {r.Groups[n].Name}, "rank": {strconv.Itoa(r.Groups[n].Rank)}}
}

func applyGroup(r *mdm.Rules, id string, f *kit.Form) (err error) {
	if id == newID {
		if id = f.Get("id"); !school.ValidID(id) || id == newID || hasGroup(*r, id) {
			return errs.At("id", "Give a short name that no group has yet.", "Use small letters, digits and hyphens, like year-7.")
		}
		r.Groups = append(r.Groups, mdm.Group{ID: id})
	}
	n := groupAt(*r, id)
	if f.Get("remove") != "" {
		r.Groups = slices.Delete(r.Groups, n, n+1)
		r.Assignments = slices.DeleteFunc(r.Assignments, func(a mdm.Assignment) bool { return a.Group == id })
		return nil
	}
	r.Groups[n].Name = f.Get("name")
	if r.Groups[n].Rank, err = strconv.Atoi(f.Get("rank")); err != nil || r.Groups[n].Rank < -mostRank || r.Groups[n].Rank > mostRank {
		return errs.At("rank", "The rank is a whole number.", "Where a device’s groups disagree, the higher one wins.")
	}
	return nil
}

const mostRank = 1000

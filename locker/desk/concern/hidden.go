package concern

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Hidden is what somebody must not know of because a file is about them. What it
// answers is always about this moment.
type Hidden struct {
	book   *Book
	person string
}

// Hidden is what somebody must not know of.
func (b *Book) Hidden(person string) Hidden { return Hidden{b, person} }

// conceals reports whether somebody must not know of a file: it is about them, or it
// may be. Who is nobody of the register may be anybody of the staff: a program gives
// what it reads to whoever has its token.
func (b *Book) conceals(f *File, person string) bool {
	return f.Is(person) || person != "" && !school.Known(person) && slices.ContainsFunc(f.About, b.onStaff)
}

func (b *Book) onStaff(person string) bool {
	p, known := b.People.Person(person)
	return !known || p.Kind == register.Staff
}

// Any reports whether there is anything at all.
func (h Hidden) Any() bool {
	h.book.mu.RLock()
	defer h.book.mu.RUnlock()
	return slices.ContainsFunc(h.book.order, func(id string) bool { return h.book.conceals(h.book.files[id], h.person) })
}

// Item reports whether a device or its case is hidden.
func (h Hidden) Item(id string) bool {
	h.book.mu.RLock()
	defer h.book.mu.RUnlock()
	return h.any(id)
}

// any reports whether a file about a device, case or bar is hidden. The caller holds mu.
func (h Hidden) any(id string) bool {
	return slices.ContainsFunc(h.book.of[id], func(f *File) bool { return h.book.conceals(f, h.person) })
}

// Bar reports whether a stop or hold is.
func (h Hidden) Bar(bar desk.Bar) bool {
	return h.Item(bar.ID) || bar.On.Item != "" && h.Item(bar.On.Item)
}

// Record reports whether a record of any ledger is: one that names a file, a device,
// a case or a hold of this somebody.
func (h Hidden) Record(r ledger.Record) bool {
	var e struct {
		File  string `json:"file"`
		Item  any    `json:"item"`    // an id, or what a sensor said
		Kept  string `json:"item_id"` // with a bank's records
		Case  string `json:"case"`
		Bar   string `json:"id"`
		About string `json:"about"`
		On    struct {
			Item string `json:"item"`
		} `json:"on"`
	}
	_ = json.Unmarshal(r.Body, &e) // a body of another shape names nothing of ours
	item, _ := e.Item.(string)
	h.book.mu.RLock()
	defer h.book.mu.RUnlock()
	for _, id := range []string{e.File, item, e.Kept, e.Case, e.Bar, e.About, e.On.Item} {
		if f := h.book.files[id]; h.any(id) || f != nil && h.book.conceals(f, h.person) {
			return true
		}
	}
	return false
}

// Shown reports whether a record may be shown to whoever looks where all ledgers are
// listed: none of any file, and none about what they must not know of.
//
// New lists for the banks follow every hold. Those that nothing but hidden records
// came before are told apart by whoever reads the ledger.
func (b *Book) Shown(r ledger.Record) bool {
	return !strings.HasPrefix(r.Kind, Prefix) && (b.viewer == "" || !b.Hidden(b.viewer).Record(r))
}

// Secret reports whether a device is of a file about whose content nothing is
// searched or deleted but as the file says. Of one that is locked it cannot be said.
func (b *Book) Secret(item string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.ContainsFunc(b.of[item], func(f *File) bool { return f.Sealed || slices.ContainsFunc(f.Was, Category.Secret) })
}

// Viewer is who looks at the book; "" for nobody in particular.
func (b *Book) Viewer() string { return b.viewer }

// Recusal keeps those whom a file is about out of the end of a hold on its
// devices, and names who stands in for them. It is one of the desk's.
type Recusal struct{ *Book }

// Recused reports whether somebody has no part in what a hold stands on. Where a
// file's text is locked nobody has: it cannot be said whom it is about.
func (r Recusal) Recused(person string, on locker.Subject) bool {
	f, ok := r.fileOn(on)
	return ok && (f.Sealed || f.Is(person))
}

// Approvers are the rules with others in the place of those a file is about: the
// chair of governors for the headteacher, the deputy for the safeguarding lead.
func (r Recusal) Approvers(rules policy.Rules, on locker.Subject) policy.Rules {
	f, ok := r.fileOn(on)
	if !ok {
		return rules
	}
	rules.HoldEnd.First = r.standIn(rules, f, rules.HoldEnd.First)
	rules.HoldEnd.Second = r.standIn(rules, f, rules.HoldEnd.Second)
	return rules
}

func (r Recusal) standIn(rules policy.Rules, f File, a policy.Approver) policy.Approver {
	is := map[policy.Approver]bool{policy.ApproverHead: r.aboutPost(f, roles.Head), policy.ApproverDSL: r.aboutPost(f, roles.DSL),
		policy.ApproverDeputy: r.aboutPost(f, roles.DeputyDSL), policy.ApproverChair: r.aboutPost(f, roles.Chair)}
	is[policy.ApproverDSL] = is[policy.ApproverDSL] || is[policy.ApproverHead] && rules.Roles.DSL == policy.IsHead
	is[policy.ApproverDeputyOrChair] = is[policy.ApproverDeputy] || is[policy.ApproverChair]
	if !is[a] {
		return a
	}
	for _, next := range inTheirPlace[a] {
		if !is[next] {
			return next
		}
	}
	return a // nobody is left: the hold stands
}

// inTheirPlace are who stands in for an approver, the first before the others.
var inTheirPlace = map[policy.Approver][]policy.Approver{
	policy.ApproverHead:          {policy.ApproverChair, policy.ApproverDeputy},
	policy.ApproverDSL:           {policy.ApproverDeputy, policy.ApproverChair},
	policy.ApproverDeputy:        {policy.ApproverChair},
	policy.ApproverChair:         {policy.ApproverDeputy},
	policy.ApproverDeputyOrChair: {policy.ApproverDeputy, policy.ApproverChair},
}

// fileOn is the file about what a hold stands on; of several one that is about
// everybody whom they are about. A hold at a bank's door is on the device behind it.
func (r Recusal) fileOn(on locker.Subject) (File, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := slices.Clone(r.of[on.Item])
	for _, id := range r.order {
		f := r.files[id]
		kept := on.Person != "" && len(f.Bars) > 0 && f.Is(on.Person)
		if kept || on.Door != 0 && slices.ContainsFunc(f.Items, func(item string) bool { return r.behind(item, on) }) {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return File{}, false
	}
	one := list[0].copied()
	for _, f := range list[1:] {
		one.About, one.Sealed = append(one.About, f.About...), one.Sealed || f.Sealed
	}
	return one, true
}

func (r Recusal) behind(item string, on locker.Subject) bool {
	i, err := r.Custody.Item(item)
	return err == nil && i.Place.Kind == desk.Behind && i.Place.Bank == on.Bank && i.Place.Door == on.Door
}

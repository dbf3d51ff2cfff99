package rules

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// changed are the rules that a version changes when it is proposed or set. What was
// proposed stays what it was while it waits. The caller holds mu.
func (b *Book) changed(v Version) map[string]string {
	if i := slices.IndexFunc(b.waiting, func(w Version) bool { return w.ID == v.ID }); i >= 0 {
		return b.waiting[i].sets
	}
	sets := map[string]string{}
	for _, c := range policy.Diff(b.rulesAt(v.From), v.Rules) {
		sets[c.Key.Name] = c.Key.Value(v.Rules)
	}
	return sets
}

// replay lays every version over those that come into force before it, so that a
// change made today is not undone by one that was set earlier for tomorrow. The
// caller holds mu.
func (b *Book) replay() {
	r := policy.Default()
	for i := range b.versions {
		r = b.versions[i].onto(r, i > 0 && b.versions[i].Approval == nil)
		b.versions[i].Rules = r
	}
	for i := range b.waiting {
		b.waiting[i].Rules = b.waiting[i].onto(b.rulesAt(b.waiting[i].From), false)
	}
}

// rulesAt is At for a caller who holds mu.
func (b *Book) rulesAt(t time.Time) policy.Rules {
	if v, ok := b.versionAt(t); ok {
		return v.Rules.Copy()
	}
	return policy.Default()
}

// onto gives r with what the version changes. What one person set loosened nothing
// then; where it would now, because a rule was tightened meanwhile, the stricter
// value stays.
func (v Version) onto(r policy.Rules, alone bool) policy.Rules {
	r = r.Copy()
	for _, k := range policy.Keys {
		text, sets := v.sets[k.Name]
		if !sets {
			continue
		}
		next := r.Copy()
		if k.Set(&next, text) == nil && !(alone && k.Loosens(r, next)) { // it was a value it may have
			r = next
		}
	}
	return r
}

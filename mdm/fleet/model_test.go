package fleet

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// model is the fleet as simply as it can be told.
type model struct {
	signed  map[string]bool
	holder  map[string]string
	listed  map[string]bool
	retired map[string]bool
	lost    map[string]bool
	evident map[string]string // by device in quarantine: who asked for its end
}

// free reports whether a device may change hands or be changed.
func (m *model) free(d string) bool {
	_, evidence := m.evident[d]
	return m.listed[d] && !m.retired[d] && !evidence
}

func (m *model) mayIssue(d, to string) bool {
	return m.free(d) && m.holder[d] == "" && !m.lost[d] && m.signed[to]
}

// step does one thing and says whether it was right to.
func (m *model) step(what, d, other, who string) bool {
	asked, evidence := m.evident[d]
	switch what {
	case "sign":
		m.signed[who] = true
	case "unsign": // a new version
		m.signed[who] = false
	case "list":
		if m.retired[d] {
			return false
		}
		m.listed[d] = true
	case "issue":
		if !m.mayIssue(d, who) {
			return false
		}
		m.holder[d] = who
	case "return":
		if m.holder[d] == "" {
			return false
		}
		m.holder[d] = ""
	case "lose":
		if !m.listed[d] || m.retired[d] || m.lost[d] {
			return false
		}
		m.lost[d] = true
	case "find":
		if m.retired[d] || !m.lost[d] {
			return false
		}
		m.lost[d] = false
	case "replace":
		if d == other || !m.free(d) || m.holder[d] == "" || !m.mayIssue(other, m.holder[d]) {
			return false
		}
		m.holder[other], m.holder[d], m.retired[d] = m.holder[d], "", true
	case "retire":
		if !m.free(d) {
			return false
		}
		m.retired[d] = true
	case "quarantine":
		if evidence || !m.listed[d] {
			return false
		}
		m.evident[d] = ""
	case "end":
		if !evidence || asked == who || who == "it" {
			return false
		}
		if m.evident[d] = who; asked != "" {
			delete(m.evident, d)
		}
	}
	return true
}

// Over any history the book and the model agree on what is allowed and what is so,
// and a line of the register, once begun, is only ever ended.
func TestBookIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		m := &model{map[string]bool{}, map[string]string{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}}
		var before []Issue
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			what := rapid.SampledFrom([]string{"sign", "unsign", "list", "list", "issue", "issue", "return", "lose", "find", "replace", "retire", "quarantine", "end", "end"}).Draw(t, "what")
			pick := func(name string) string {
				return rapid.SampledFrom([]string{"ipad-1", "ipad-2", "ipad-3"}).Draw(t, name)
			}
			d, other, who := pick("device"), pick("other"), rapid.SampledFrom([]string{"head", "dsl", "it"}).Draw(t, "who")
			for _, p := range []string{"head", "dsl", "it"} {
				r.unsigned["p-"+p] = !m.signed[p]
			}
			err, right := r.step(what, d, other, who), m.step(what, d, other, who)
			if (err == nil) != right {
				t.Fatalf("%s %s %s by %s: %v, and the model says %v", what, d, other, who, err, right)
			}
			r.now = r.now.Add(time.Second)
			after := r.Register()
			onlyEnded(t, before, after)
			before = after
			r.agrees(t, m)
		}
		if !reflect.DeepEqual(r.Listings(), r.again().Listings()) || !reflect.DeepEqual(before, r.again().Register()) {
			t.Fatal("a restart finds something else")
		}
	})
}

// step does what the model does, to the book. Holders are p-…, so that those who end
// a quarantine never have the device.
func (r *rig) step(what, d, other, who string) error {
	ctx := r.t.Context()
	switch what {
	case "list":
		return r.List(ctx, "it", device(int(d[5]-'0')))
	case "issue":
		return r.Issue(ctx, "by-"+other, Handover{Device: d, To: "p-" + who})
	case "return":
		return r.TakeBack(ctx, d, "by-"+other)
	case "lose":
		return r.Lose(ctx, d, "it")
	case "find":
		return r.Find(ctx, d, "it")
	case "replace":
		return r.Replace(ctx, d, "it", Handover{Device: other})
	case "retire":
		return r.Retire(ctx, d, "it")
	case "quarantine":
		if err := r.Quarantine(ctx, actor("it"), d, "evidence", ""); err != nil {
			return err
		}
		return r.Advise(ctx, actor("it"), d, "keep it")
	case "end":
		_, err := r.EndQuarantine(ctx, actor(who), as(roles.Role(who)), d)
		return err
	}
	return nil
}

func onlyEnded(t *rapid.T, before, after []Issue) {
	for i, line := range before {
		now := after[i]
		if line.Until.IsZero() {
			now.Until, now.EndedBy = line.Until, line.EndedBy
		}
		if now != line {
			t.Fatalf("line %d was %+v and is %+v", i, line, after[i])
		}
	}
}

func (r *rig) agrees(t *rapid.T, m *model) {
	open := map[string][]string{}
	for _, line := range r.Register() {
		if line.Until.IsZero() {
			open[line.Device] = append(open[line.Device], line.To)
		}
	}
	for _, l := range r.Listings() {
		id := l.Device.ID
		_, evidence := m.evident[id]
		holder := m.holder[id]
		if holder != "" {
			holder = "p-" + holder
		}
		if l.Holder != holder || !l.Retired.IsZero() != m.retired[id] || !l.Lost.At.IsZero() != m.lost[id] || (l.Quarantine != nil) != evidence {
			t.Fatalf("the book has %+v", l)
		}
		if want := slices.DeleteFunc([]string{holder}, func(h string) bool { return h == "" }); fmt.Sprint(open[id]) != fmt.Sprint(want) {
			t.Fatalf("open lines of %s: %v, and it is with %q", id, open[id], holder)
		}
	}
}

package badges_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"pgregory.net/rapid"
)

// model is the book as simply as it can be said.
type model struct {
	*desk
	fresh   []badges.Fresh
	holder  map[school.Token]string
	revoked map[school.Token]bool
}

// usable finds the badge a person may use.
func (m *model) usable(person string) (school.Token, bool) {
	for _, f := range m.fresh {
		if m.holder[f.Token] == person && person != "" && !m.revoked[f.Token] {
			return f.Token, true
		}
	}
	return school.Token{}, false
}

func (m *model) must(t *rapid.T, possible bool, err error) {
	if possible != (err == nil) {
		t.Fatalf("possible is %v, but: %v", possible, err)
	}
}

func (m *model) person(t *rapid.T) string {
	return rapid.SampledFrom([]string{"ann", "bob", "cay"}).Draw(t, "person")
}

func (m *model) why(t *rapid.T) badges.Why {
	return rapid.SampledFrom(badges.Reasons()).Draw(t, "why")
}

// badge is any badge there is, or a stranger's.
func (m *model) badge(t *rapid.T) (token school.Token, known bool) {
	token = rapid.SampledFrom(append([]badges.Fresh{{}}, m.fresh...)).Draw(t, "badge").Token
	_, known = m.holder[token]
	return token, known
}

func (m *model) issue(t *rapid.T) {
	person := m.person(t)
	_, has := m.usable(person)
	fresh, err := m.IssueTo(t.Context(), "s-1", person)
	m.must(t, !has, err)
	m.add(fresh...)
}

func (m *model) spare(t *rapid.T) {
	fresh, err := m.Spares(t.Context(), "s-1", rapid.IntRange(1, 3).Draw(t, "n"))
	m.must(t, true, err)
	m.add(fresh...)
}

func (m *model) replace(t *rapid.T) {
	person := m.person(t)
	old, has := m.usable(person)
	fresh, err := m.Replace(t.Context(), "s-1", person, m.why(t))
	m.must(t, has, err)
	if has {
		m.revoked[old] = true
		m.add(fresh)
	}
}

func (m *model) assign(t *rapid.T) {
	token, known := m.badge(t)
	person := m.person(t)
	instead := rapid.Bool().Draw(t, "instead")
	old, has := m.usable(person)
	var why badges.Why
	if instead {
		why = m.why(t)
	}
	err := m.Assign(t.Context(), "s-1", token, person, why)
	m.must(t, known && m.holder[token] == "" && !m.revoked[token] && has == instead, err)
	if err == nil {
		m.holder[token] = person
		m.revoked[old] = has
	}
}

func (m *model) revoke(t *rapid.T) {
	token, known := m.badge(t)
	err := m.Revoke(t.Context(), "s-1", m.why(t), token.Hash())
	m.must(t, known && !m.revoked[token], err)
	m.revoked[token] = known
}

func (m *model) add(fresh ...badges.Fresh) {
	for _, f := range fresh {
		m.fresh = append(m.fresh, f)
		m.holder[f.Token] = f.Person
	}
}

// check compares the book, and the book read again, with the model.
func (m *model) check(t *rapid.T) {
	want := map[school.BadgeHash]locker.BadgeEntry{}
	for _, f := range m.fresh {
		if m.holder[f.Token] != "" {
			want[f.Token.Hash()] = locker.BadgeEntry{Person: m.holder[f.Token], Revoked: m.revoked[f.Token]}
		}
	}
	if got := m.Entries(); !reflect.DeepEqual(got, want) {
		t.Fatalf("the directory says %v, want %v", got, want)
	}
	if again := m.again(t); !reflect.DeepEqual(again.All(), m.All()) || !reflect.DeepEqual(again.Holders(), m.Holders()) {
		t.Fatalf("read again the book says %+v, want %+v", again.All(), m.All())
	}
	for i, b := range m.All() {
		f := m.fresh[i]
		if b.Serial != i+1 || b.Hash != f.Token.Hash() || (b.State == badges.Revoked) != m.revoked[f.Token] {
			t.Fatalf("badge %d is %+v", i+1, b)
		}
		if live, err := m.Live(b.Person); b.State == badges.Live && (err != nil || live != b) {
			t.Fatalf("the live badge of %s is %+v, %v, want %+v", b.Person, live, err, b)
		}
	}
}

func TestTheBookAgreesWithASimplerOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{desk: newDesk(t), holder: map[school.Token]string{}, revoked: map[school.Token]bool{}}
		t.Repeat(map[string]func(*rapid.T){
			"issue": m.issue, "spare": m.spare, "replace": m.replace, "assign": m.assign, "revoke": m.revoke,
			"": m.check,
		})
	})
}

// A book that has read a record it refuses is as it was, and no record makes a
// revoked badge usable or gives anybody two.
func FuzzFold(f *testing.F) {
	hash := `"hash":"0101010101010101010101010101010101010101010101010101010101010101"`
	code := `"code":"0202020202020202020202020202020202020202020202020202020202020202"`
	for _, kind := range []string{"badge-issued", "badge-assigned", "badge-revoked"} {
		for _, body := range []string{
			`{"person":"ann",` + hash + `,` + code + `,"serial":4,"by":"s-1"}`,
			`{"person":"dee",` + hash + `,` + code + `,"serial":4,"by":"s-1"}`,
			`{"person":"dee","serial":2,` + hash + `,` + code + `}`, `{}`, `[]`, `null`, `{"hash":"00"}`, `{"serial":-1}`,
		} {
			for about := range 6 {
				f.Add(kind, []byte(body), about)
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte, about int) {
		d := newDesk(t)
		live, lost, spare := d.issue(t, "ann"), d.issue(t, "bob"), d.spare(t)
		if err := d.Revoke(t.Context(), "s-1", badges.Lost, lost.Token.Hash()); err != nil {
			t.Fatal(err)
		}
		// Half of the bodies speak of a badge that exists.
		var fields map[string]any
		if about%2 != 0 && json.Unmarshal(body, &fields) == nil && fields != nil {
			fields["hash"] = []badges.Fresh{live, lost, spare}[uint(about)/2%3].Token.Hash()
			body, _ = json.Marshal(fields)
		}
		before := d.All()
		err := d.Fold(ledger.Record{Entry: ledger.Entry{Kind: kind, Body: body}})
		if err != nil && !reflect.DeepEqual(d.All(), before) {
			t.Errorf("a refused record changed the book: %v", err)
		}
		holders := map[string]int{}
		for i, b := range d.All() {
			if i < len(before) && before[i].State == badges.Revoked && b != before[i] {
				t.Errorf("revoked badge %d is now %+v", b.Serial, b)
			}
			if b.State == badges.Live {
				holders[b.Person]++
			}
		}
		for person, n := range holders {
			if n > 1 || person == "" || !school.ValidID(person) {
				t.Errorf("%q has %d badges", person, n)
			}
		}
	})
}

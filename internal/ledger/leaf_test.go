package ledger_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"pgregory.net/rapid"
)

var full = ledger.Entry{
	Kind: "deposit-intended",
	Stamp: ledger.Stamp{
		Wall:    time.Date(2026, 9, 7, 7, 41, 3, 250e6, time.UTC),
		Trusted: true,
		Boot:    "K7Q2",
		Mono:    61250 * time.Millisecond,
	},
	Door:    12,
	Purpose: "deposit",
	Body:    json.RawMessage(`{"person":"p-1","late":false}`),
}

const fullLeaf = `{"v":1,"seq":41,"kind":"deposit-intended","at":"2026-09-07T07:41:03.250Z","trusted":true,` +
	`"boot":"K7Q2","mono":61250,"door":12,"for":"deposit","body":{"person":"p-1","late":false}}`

func TestLeafHasOneForm(t *testing.T) {
	for _, c := range []struct {
		name string
		seq  uint64
		e    ledger.Entry
		want string
	}{
		{"every field", 41, full, fullLeaf},
		{"nothing but the kind", 0, ledger.Entry{Kind: "x"}, `{"v":1,"seq":0,"kind":"x"}`},
		{"1970 is a time like any other", 3, ledger.Entry{Kind: "x", Stamp: ledger.Stamp{Wall: time.Unix(0, 0)}},
			`{"v":1,"seq":3,"kind":"x","at":"1970-01-01T00:00:00.000Z"}`},
		{"finer than a millisecond is cut", 3, ledger.Entry{Kind: "x", Stamp: ledger.Stamp{Wall: time.Unix(1, 1999999), Mono: 1999999}},
			`{"v":1,"seq":3,"kind":"x","at":"1970-01-01T00:00:01.001Z","mono":1}`},
		{"spaces in a body go", 3, ledger.Entry{Kind: "x", Body: json.RawMessage("{ \"a\" : [1, 2] }\n")},
			`{"v":1,"seq":3,"kind":"x","body":{"a":[1,2]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ledger.Encode(c.seq, c.e)
			if err != nil || string(got) != c.want {
				t.Fatalf("Encode = %s, %v\nwant     %s", got, err, c.want)
			}
			r, err := ledger.Decode(got)
			if err != nil || r.Seq != c.seq || r.Kind != c.e.Kind || r.Door != c.e.Door || r.Purpose != c.e.Purpose {
				t.Fatalf("Decode = %+v, %v", r, err)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	with := func(change func(*ledger.Entry)) ledger.Entry {
		e := full
		change(&e)
		return e
	}
	for name, e := range map[string]ledger.Entry{
		"no kind":            {},
		"upper case kind":    {Kind: "Door"},
		"kind with a quote":  {Kind: `a"b`},
		"long kind":          {Kind: strings.Repeat("k", ledger.MaxKind+1)},
		"negative door":      with(func(e *ledger.Entry) { e.Door = -1 }),
		"door out of range":  with(func(e *ledger.Entry) { e.Door = ledger.MaxDoor + 1 }),
		"quote in purpose":   with(func(e *ledger.Entry) { e.Purpose = `a"` }),
		"purpose not ASCII":  with(func(e *ledger.Entry) { e.Purpose = "Zoë" }),
		"long purpose":       with(func(e *ledger.Entry) { e.Purpose = strings.Repeat("p", ledger.MaxPurpose+1) }),
		"backslash in boot":  with(func(e *ledger.Entry) { e.Stamp.Boot = `\` }),
		"long boot":          with(func(e *ledger.Entry) { e.Stamp.Boot = strings.Repeat("b", ledger.MaxBoot+1) }),
		"before its boot":    with(func(e *ledger.Entry) { e.Stamp.Mono = -time.Second }),
		"year 10000":         with(func(e *ledger.Entry) { e.Stamp.Wall = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"body not an object": with(func(e *ledger.Entry) { e.Body = json.RawMessage(`[1]`) }),
		"body null":          with(func(e *ledger.Entry) { e.Body = json.RawMessage(`null`) }),
		"body not JSON":      with(func(e *ledger.Entry) { e.Body = json.RawMessage(`{"a":}`) }),
		"two bodies":         with(func(e *ledger.Entry) { e.Body = json.RawMessage(`{}{}`) }),
		"body not UTF-8":     with(func(e *ledger.Entry) { e.Body = json.RawMessage("{\"a\":\"\xff\"}") }),
		"leaf too long": with(func(e *ledger.Entry) {
			e.Body = json.RawMessage(`{"a":"` + strings.Repeat("x", ledger.MaxLeaf-100) + `"}`)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if leaf, err := ledger.Encode(1, e); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("Encode = %s, %v; want an invalid error", leaf, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	replaced := func(old, new string) string { return strings.Replace(fullLeaf, old, new, 1) }
	for name, leaf := range map[string]string{
		"nothing":             "",
		"cut short":           fullLeaf[:len(fullLeaf)-1],
		"something behind it": fullLeaf + " ",
		"unknown version":     replaced(`"v":1`, `"v":2`),
		"unknown field":       replaced(`"door"`, `"dooor"`),
		"fields swapped":      `{"v":1,"kind":"x","seq":0}`,
		"leading zero":        replaced(`"seq":41`, `"seq":041`),
		"space":               replaced(`,"door"`, `, "door"`),
		"empty field":         replaced(`"for":"deposit"`, `"for":""`),
		"false written out":   replaced(`"trusted":true`, `"trusted":false`),
		"escaped letter":      replaced(`"for":"deposit"`, `"for":"\u0064eposit"`),
		"another zone":        replaced(`250Z`, `250+00:00`),
		"comma for the point": replaced(`03.250Z`, `03,250Z`),
		"30 February":         replaced(`2026-09-07`, `2026-02-30`),
		"spaces in the body":  replaced(`"late":false`, `"late": false`),
		"body of two objects": replaced(`}}`, `},"more":{}}`),
		"huge door":           replaced(`"door":12`, `"door":18446744073709551615`),
		"huge seq":            replaced(`"seq":41`, `"seq":9007199254740992`),
		"huge mono":           replaced(`"mono":61250`, `"mono":18446744073709551615`),
		"too long":            replaced(`p-1`, strings.Repeat("p", ledger.MaxLeaf)),
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := ledger.Decode([]byte(leaf)); errs.CodeOf(err) != errs.Invalid {
				t.Fatalf("Decode = %+v, %v; want an invalid error", r, err)
			}
		})
	}
}

func TestLeafRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ !#-\[\]-~]{0,64}`)
		e := ledger.Entry{
			Kind: rapid.StringMatching(`[a-z][a-z0-9.-]{0,47}`).Draw(t, "kind"),
			Stamp: ledger.Stamp{
				Wall:    time.UnixMilli(rapid.Int64Range(-62135596800000+1, 253402300799999).Draw(t, "wall")).UTC(),
				Trusted: rapid.Bool().Draw(t, "trusted"),
				Boot:    text.Draw(t, "boot"),
				Mono:    time.Duration(rapid.Int64Range(0, 1<<43).Draw(t, "mono")) * time.Millisecond,
			},
			Door:    rapid.IntRange(0, ledger.MaxDoor).Draw(t, "door"),
			Purpose: text.Draw(t, "purpose"),
		}
		if fields := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "body"); len(fields) > 0 {
			e.Body, _ = json.Marshal(fields)
		}
		seq := rapid.Uint64Range(0, ledger.MaxSeq).Draw(t, "seq")
		leaf, err := ledger.Encode(seq, e)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ledger.Decode(leaf)
		if err != nil {
			t.Fatalf("%v\n%s", err, leaf)
		}
		if r.Seq != seq || !reflect.DeepEqual(r.Entry, e) {
			t.Fatalf("got  %+v\nwant %+v", r.Entry, e)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(fullLeaf))
	f.Add([]byte(`{"v":1,"seq":0,"kind":"x"}`))
	f.Add([]byte(`{"v":2,"seq":0,"kind":"x"}`))
	f.Add([]byte(`{"v":1,"seq":7,"kind":"x","body":{"a":"\u2028","b":[]}}`))
	f.Add([]byte(`{"v":1,"seq":7,"kind":"x","at":"0001-01-01T00:00:00.000Z"}`))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		r, err := ledger.Decode(leaf)
		if err != nil {
			return
		}
		if !json.Valid(leaf) {
			t.Fatalf("accepted what is not JSON: %q", leaf)
		}
		again, err := ledger.Encode(r.Seq, r.Entry)
		if err != nil || string(again) != string(leaf) {
			t.Fatalf("re-encoded as %q, %v; read %q", again, err, leaf)
		}
	})
}

package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

func testKey(seed byte) *Key {
	return NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
}

// vector is one envelope that other programs must make and read in the same way.
type vector struct {
	Seed     []byte          `json:"seed"` // of the Ed25519 key
	Type     Type            `json:"type"`
	Payload  []byte          `json:"payload"`
	Signed   []byte          `json:"signed"` // what the signature is over
	Envelope json.RawMessage `json:"envelope"`
}

func TestEnvelopeVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/envelopes.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors) < 3 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		key := NewKey(ed25519.NewKeyFromSeed(v.Seed))
		if got := preAuth(v.Type, v.Payload); !bytes.Equal(got, v.Signed) {
			t.Errorf("preAuth(%s) = %q, want %q", v.Type, got, v.Signed)
		}
		sealed, err := Seal(key, v.Type, v.Payload)
		if err != nil || !bytes.Equal(sealed, v.Envelope) {
			t.Errorf("Seal(%s) = %s, %v; want %s", v.Type, sealed, err, v.Envelope)
		}
		if got, err := Open(key.Public(), v.Type, v.Envelope); err != nil || !bytes.Equal(got, v.Payload) {
			t.Errorf("Open(%s) = %q, %v", v.Type, got, err)
		}
		if v.Type == TypeOrder {
			checkOrderVector(t, v.Payload)
		}
	}
}

// checkOrderVector reads an order and writes it again, to the byte.
func checkOrderVector(t *testing.T, payload []byte) {
	t.Helper()
	var o Order
	if err := Decode(payload, &o); err != nil {
		t.Fatal(err)
	}
	again, err := Encode(o)
	if err != nil || !bytes.Equal(again, payload) {
		t.Errorf("%s came back as %s, %v", payload, again, err)
	}
}

// An order and a directory of an older server say nothing of items, and are read
// as they were.
func TestOlderMessages(t *testing.T) {
	var o Order
	err := Decode([]byte(`{"v":1,"bank":"a","id":"o-1","order":{"id":"o-1","nonce":"n","kind":"open","person":"p-1","by":"office"}}`), &o)
	if want := (locker.Order{ID: "o-1", Nonce: "n", Kind: locker.OpenDoor, Person: "p-1", By: "office"}); err != nil || !reflect.DeepEqual(*o.Order, want) {
		t.Errorf("%+v, %v", o.Order, err)
	}
	var d Directory
	err = Decode([]byte(`{"v":1,"version":3,"badges":{},"people":{},"bars":[{"id":"b-1","subject":{"bank":"a","door":7},"from":"2026-11-23T08:00:00Z"}]}`), &d)
	if want := (locker.Subject{Bank: "a", Door: 7}); err != nil || len(d.Bars) != 1 || d.Bars[0].Subject != want {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	key, other := testKey(1), testKey(2)
	sealed, err := Seal(key, TypeOrder, []byte(`{"v":1,"bank":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*envelope)) []byte {
		var e envelope
		if err := json.Unmarshal(sealed, &e); err != nil {
			t.Fatal(err)
		}
		change(&e)
		data, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	cases := []struct {
		name string
		data []byte
		typ  Type
		keys Keys
		want errs.Code
	}{
		{"as sealed", sealed, TypeOrder, key.Public(), ""},
		{"as another type", sealed, TypeDirectory, key.Public(), errs.Denied},
		{"another school's key", sealed, TypeOrder, other.Public(), errs.Denied},
		{"no keys", sealed, TypeOrder, nil, errs.Denied},
		{"one bit of the payload", edit(func(e *envelope) { e.Payload[3] ^= 1 }), TypeOrder, key.Public(), errs.Denied},
		{"one bit of the signature", edit(func(e *envelope) { e.Sig[9] ^= 1 }), TypeOrder, key.Public(), errs.Denied},
		{"no signature", edit(func(e *envelope) { e.Sig = nil }), TypeOrder, key.Public(), errs.Denied},
		{"the other key's name", edit(func(e *envelope) { e.Key = other.ID }), TypeOrder, Keys{other.ID: other.Public()[other.ID], key.ID: key.Public()[key.ID]}, errs.Denied},
		{"version 2", edit(func(e *envelope) { e.V = 2 }), TypeOrder, key.Public(), errs.Invalid},
		{"a payload of the wrong form", []byte(`{"v":1,"key":"k","payload":{},"sig":""}`), TypeOrder, key.Public(), errs.Invalid},
		{"a signature that is not base64", []byte(`{"v":1,"key":"k","payload":"","sig":"*"}`), TypeOrder, key.Public(), errs.Invalid},
		{"two of them", slices.Concat(sealed, sealed), TypeOrder, key.Public(), errs.Invalid},
		{"nothing", nil, TypeOrder, key.Public(), errs.Invalid},
		{"not JSON", []byte("hello"), TypeOrder, key.Public(), errs.Invalid},
		{"too long", bytes.Repeat([]byte(" "), MaxMessage+1), TypeOrder, key.Public(), errs.Invalid},
	}
	for _, c := range cases {
		if _, err := Open(c.keys, c.typ, c.data); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	newer := []byte(`{"v":2,"key":{"id":"k"},"payload":[],"sig":7}`)
	if _, err := Open(key.Public(), TypeOrder, newer); err == nil || !strings.Contains(err.Error(), "version is 2") {
		t.Errorf("of a newer envelope it says %v", err)
	}
}

func TestKeysAsJSON(t *testing.T) {
	keys := testKey(3).Public()
	data, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	var back Keys
	if err := json.Unmarshal(data, &back); err != nil || len(back) != 1 {
		t.Fatalf("%s came back as %v, %v", data, back, err)
	}
	renamed := strings.Replace(string(data), "k-", "k-x", 1)
	if err := json.Unmarshal([]byte(renamed), &back); err == nil {
		t.Error("a key was taken under another name")
	}
}

func TestTopics(t *testing.T) {
	root := Root("east/bk/1")
	cases := []struct{ got, want string }{
		{root.Bank("a", LeafJournal), "east/bk/1/b/a/journal"},
		{root.Device(Any, LeafReported), "east/bk/1/d/+/reported"},
		{DefaultRoot.Server(LeafTime), "bk/1/s/time"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	for topic, want := range map[string]string{
		"east/bk/1/b/a/journal": "a journal", "east/bk/1/d/ipad-7/reported": "ipad-7 reported",
		"bk/1/b/a/journal": "", "east/bk/1/b/a": "", "east/bk/1/b/A/journal": "", "east/bk/1/b/a/journal/x": "", "east/bk/1/s/time": "", "": "",
	} {
		id, leaf, ok := root.Whose(topic)
		if got := strings.TrimSpace(id + " " + string(leaf)); got != want || ok != (want != "") {
			t.Errorf("Whose(%s) = %q, %v", topic, got, ok)
		}
	}
}

// A newer server may add members; a bank reads what it knows.
func TestDecodeIgnoresNewMembers(t *testing.T) {
	var ack JournalAck
	if err := Decode([]byte(`{"v":1,"epoch":2,"size":7,"new":"member"}`), &ack); err != nil || ack.Epoch != 2 || ack.Size != 7 {
		t.Errorf("%+v, %v", ack, err)
	}
}

func TestMessagesComeBack(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 31, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		j := Journal{V: V, Epoch: rapid.Uint64Range(1, 9).Draw(t, "epoch"), From: rapid.Uint64().Draw(t, "from")}
		for range rapid.IntRange(1, 5).Draw(t, "leaves") {
			j.Leaves = append(j.Leaves, rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "leaf"))
		}
		data, err := Encode(j)
		if err != nil {
			t.Fatal(err)
		}
		var back Journal
		if err := Decode(data, &back); err != nil || back.Epoch != j.Epoch || back.From != j.From || len(back.Leaves) != len(j.Leaves) {
			t.Fatalf("%+v came back as %+v, %v", j, back, err)
		}
		for i := range j.Leaves {
			if !bytes.Equal(j.Leaves[i], back.Leaves[i]) {
				t.Fatalf("leaf %d came back as %q", i, back.Leaves[i])
			}
		}
	})
	directory := Directory{V: V, Directory: locker.Directory{Version: 4, Badges: map[school.BadgeHash]locker.BadgeEntry{school.Token{1}.Hash(): {Person: "p-1"}},
		People: map[string]locker.Place{"p-1": {Bank: "a", Door: 7}}, Bars: []locker.Bar{{ID: "b-1", Subject: locker.Subject{Person: "p-1"}, From: at}}}}
	data, err := Encode(directory)
	if err != nil {
		t.Fatal(err)
	}
	var back Directory
	if err := Decode(data, &back); err != nil || back.Version != 4 || back.People["p-1"].Door != 7 || !back.Bars[0].From.Equal(at) || back.Badges[school.Token{1}.Hash()].Person != "p-1" {
		t.Errorf("the directory came back as %+v, %v", back, err)
	}
}

func FuzzOpen(f *testing.F) {
	key := testKey(1)
	sealed, err := Seal(key, TypePlan, []byte(`{"v":1}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte(`{"v":1,"key":"k-","payload":"","sig":""}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		payload, err := Open(key.Public(), TypePlan, data)
		if err == nil && string(payload) != `{"v":1}` {
			t.Errorf("a payload nobody sealed was taken: %q", payload)
		}
	})
}

package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

func mustOpen(t testing.TB, path string) *Vault {
	t.Helper()
	v, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func mustPut(t testing.TB, v *Vault, id, content string) Commitment {
	t.Helper()
	c, err := v.Put(context.Background(), id, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustBe(t testing.TB, v *Vault, c Commitment, want State) {
	t.Helper()
	if got, err := v.Check(c); err != nil || got != want {
		t.Fatalf("Check = %s, %v; want %s", got, err, want)
	}
}

func TestPutGetErase(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "vault")
	v := mustOpen(t, path)
	name := mustPut(t, v, "p-1", "Rosa Example")
	other := mustPut(t, v, "p-2", "Rosa Example")
	empty := mustPut(t, v, "p-3", "")
	if name == other {
		t.Fatal("equal content gives equal commitments")
	}
	if got, err := v.Get(ctx, "p-1"); err != nil || string(got) != "Rosa Example" {
		t.Fatalf("Get = %q, %v", got, err)
	}
	if got, err := v.Get(ctx, "p-3"); err != nil || len(got) != 0 {
		t.Fatalf("Get of empty content = %q, %v", got, err)
	}
	if same, err := v.Matches("p-1", name); err != nil || !same {
		t.Fatalf("Matches = %v, %v", same, err)
	}
	if same, _ := v.Matches("p-2", name); same {
		t.Fatal("a commitment matches another id")
	}
	if err := v.Erase(ctx, "p-1", "p-9"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get(ctx, "p-1"); errs.CodeOf(err) != errs.NotFound {
		t.Fatalf("Get after Erase = %v", err)
	}
	if same, _ := v.Matches("p-1", name); same {
		t.Fatal("what was erased still matches")
	}
	check := func(v *Vault) {
		mustBe(t, v, name, Erased)
		mustBe(t, v, other, Opens)
		mustBe(t, v, empty, Opens)
		mustBe(t, v, Commitment{1}, Differs)
	}
	check(v)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	check(v)
}

func TestErasedBytesLeaveTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	v := mustOpen(t, path)
	secret := strings.Repeat("Rosa Example of 9B ", 500)
	for _, id := range []string{"a", "b", "c"} {
		mustPut(t, v, id, secret+id)
	}
	var salt []byte
	v.db.View(func(tx *bbolt.Tx) error {
		salt = bytes.Clone(tx.Bucket(contentBucket).Get([]byte("a"))[:saltSize])
		return nil
	})
	if err := v.Erase(context.Background(), "a", "b", "c"); err != nil {
		t.Fatal(err)
	}
	mustPut(t, v, "d", "still works")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("Rosa")) || bytes.Contains(data, salt) {
		t.Fatal("erased content or its salt is still in the file")
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Fatal("the temporary file was left behind")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode is %v, %v", info.Mode(), err)
	}
}

func TestChangedContentIsNoticed(t *testing.T) {
	v := mustOpen(t, filepath.Join(t.TempDir(), "vault"))
	c := mustPut(t, v, "p-1", "confiscated")
	err := v.db.Update(func(tx *bbolt.Tx) error {
		kept := bytes.Clone(tx.Bucket(contentBucket).Get([]byte("p-1")))
		kept[len(kept)-1] ^= 1
		return tx.Bucket(contentBucket).Put([]byte("p-1"), kept)
	})
	if err != nil {
		t.Fatal(err)
	}
	mustBe(t, v, c, Differs)
}

func TestRefusals(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "vault")
	v := mustOpen(t, path)
	mustPut(t, v, "p-1", "x")
	for _, c := range []struct {
		name string
		id   string
		size int
		want errs.Code
	}{
		{"no id", "", 1, errs.Invalid},
		{"long id", strings.Repeat("i", MaxID+1), 1, errs.Invalid},
		{"content too long", "p-2", MaxContent + 1, errs.Invalid},
		{"id taken", "p-1", 1, errs.Conflict},
		{"as long as may be", strings.Repeat("i", MaxID), MaxContent, ""},
	} {
		if _, err := v.Put(ctx, c.id, make([]byte, c.size)); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := OpenReadOnly(filepath.Join(t.TempDir(), "none")); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("a vault that is not there: %v", err)
	}
	other := filepath.Join(t.TempDir(), "other")
	db, err := bbolt.Open(other, 0o600, nil)
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	if _, err := OpenReadOnly(other); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("another kind of file: %v", err)
	}
	if _, err := Open(path); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a vault that is open: %v", err)
	}
}

// No two different pairs of id and content may be framed alike.
func TestCommitmentsBindEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		salt := rapid.SliceOfN(rapid.Byte(), saltSize, saltSize)
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 3, -1)
		s1, i1, c1 := salt.Draw(t, "salt"), text.Draw(t, "id"), text.Draw(t, "content")
		s2, i2, c2 := salt.Draw(t, "salt2"), text.Draw(t, "id2"), text.Draw(t, "content2")
		if rapid.Bool().Draw(t, "same salt") {
			s2 = s1
		}
		same := bytes.Equal(s1, s2) && i1 == i2 && c1 == c2
		if (commit(s1, i1, []byte(c1)) == commit(s2, i2, []byte(c2))) != same {
			t.Fatal("two contents share a commitment")
		}
	})
}

func TestCommitmentText(t *testing.T) {
	c := commit(make([]byte, saltSize), "p-1", []byte("x"))
	data, err := json.Marshal(map[string]Commitment{"commitment": c})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]Commitment
	if err := json.Unmarshal(data, &back); err != nil || back["commitment"] != c {
		t.Fatalf("%s reads as %v, %v", data, back, err)
	}
	// A fixed vector: ledgers written today must open in ten years.
	if got := c.String(); got != "4c30523290ed4bbd670e21e428a8b19517862ceebe29c0a3139373055e0a0e79" {
		t.Errorf("commitment is %s", got)
	}
	for _, bad := range []string{"", "00", strings.ToUpper(c.String()), c.String() + "0", strings.Repeat("g", 64)} {
		if err := new(Commitment).UnmarshalText([]byte(bad)); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestCheckBody(t *testing.T) {
	v := mustOpen(t, filepath.Join(t.TempDir(), "vault"))
	kept, erased := mustPut(t, v, "p-1", "x"), mustPut(t, v, "p-2", "y")
	if err := v.Erase(context.Background(), "p-2"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		body  string
		state State
		found bool
	}{
		{``, "", false},
		{`{"door":3}`, "", false},
		{`{"commitment":3}`, "", false},
		{`{"commitment":"` + kept.String() + `","door":3}`, Opens, true},
		{`{"commitment":"` + erased.String() + `"}`, Erased, true},
		{`{"commitment":"` + Commitment{}.String() + `"}`, Differs, true},
		{`{"commitment":"nonsense"}`, Differs, true},
	} {
		state, found, err := v.CheckBody(json.RawMessage(c.body))
		if err != nil || state != c.state || found != c.found {
			t.Errorf("%s: %s, %v, %v; want %s, %v", c.body, state, found, err, c.state, c.found)
		}
	}
}

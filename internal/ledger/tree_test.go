package ledger_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The edge must give what tlog gives, at every size.
func TestEdgeAgreesWithTlog(t *testing.T) {
	var flat []tlog.Hash
	var perRecord [][]tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, flat[i])
		}
		return out, nil
	})
	var edge ledger.Edge
	for seq := range uint64(300) {
		leaf := []byte{byte(seq), byte(seq >> 8)}
		want, err := tlog.StoredHashes(int64(seq), leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		clone := edge.Clone()
		clone.Add(tlog.RecordHash(nil)) // must leave edge alone
		got := edge.Add(tlog.RecordHash(leaf))
		if len(got) != len(want) || len(got) != ledger.Levels(seq) {
			t.Fatalf("record %d stores %d hashes, want %d", seq, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("record %d, level %d differs", seq, i)
			}
		}
		flat = append(flat, want...)
		perRecord = append(perRecord, want)
		root, _ := tlog.TreeHash(int64(seq)+1, reader)
		loaded, err := ledger.LoadEdge(seq+1, func(seq uint64, level int) (tlog.Hash, error) {
			return perRecord[seq][level], nil
		})
		if err != nil || edge.Root() != root || loaded.Root() != root || loaded.Size() != seq+1 {
			t.Fatalf("root at size %d differs: %v", seq+1, err)
		}
	}
	empty, _ := tlog.TreeHash(0, reader)
	if got := new(ledger.Edge).Root(); got != empty {
		t.Fatal("the empty tree has another root")
	}
}

func TestCheckpoint(t *testing.T) {
	origin := ledger.Origin("bank-a", 3)
	private, public, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, _ := note.NewSigner(private)
	verifier, _ := note.NewVerifier(public)
	c := ledger.Checkpoint{Origin: origin, Size: 512, Root: tlog.RecordHash(nil)}
	if want := "bellkeep/bank-a/3\n512\n" + c.Root.String() + "\n"; c.Text() != want {
		t.Fatalf("text is %q, want %q", c.Text(), want)
	}
	signed, err := c.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ledger.OpenCheckpoint(signed, verifier); err != nil || got != c {
		t.Fatalf("opened as %+v, %v", got, err)
	}
	for i := range signed {
		for bit := range 8 {
			bad := []byte(string(signed))
			bad[i] ^= 1 << bit
			if _, err := ledger.OpenCheckpoint(bad, verifier); err == nil {
				t.Fatalf("accepted with bit %d of byte %d flipped:\n%s", bit, i, bad)
			}
		}
	}
	_, other, _ := note.GenerateKey(nil, origin)
	stranger, _ := note.NewVerifier(other)
	if _, err := ledger.OpenCheckpoint(signed, stranger); err == nil {
		t.Fatal("accepted under another key")
	}
}

func TestCheckpointTextHasOneForm(t *testing.T) {
	origin := ledger.Origin("bank-a", 1)
	private, public, _ := note.GenerateKey(nil, origin)
	signer, _ := note.NewSigner(private)
	verifier, _ := note.NewVerifier(public)
	root := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, text := range []string{
		origin + "\n01\n" + root + "\n",
		origin + "\n+1\n" + root + "\n",
		origin + "\n1\n" + root + "\nextra\n",
		origin + "\n1\n",
		origin + "\n9007199254740992\n" + root + "\n",
		origin + "\n1\n" + strings.Replace(root, "A=", "B=", 1) + "\n",
	} {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ledger.OpenCheckpoint(signed, verifier); err == nil {
			t.Errorf("accepted %q as %+v", text, c)
		}
	}
}

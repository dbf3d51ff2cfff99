package badges_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

// secrets are the ways in which a badge could be written down.
func secrets(f badges.Fresh) []string {
	token := f.Token[:]
	return []string{
		f.Token.Badge(), f.Token.Badge()[3:29], hex.EncodeToString(token), strings.ToUpper(hex.EncodeToString(token)),
		base64.StdEncoding.EncodeToString(token)[:20], base64.URLEncoding.EncodeToString(token)[:20],
		strings.Trim(fmt.Sprint(token), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(token), "[]"), " ", ","), string(token),
		f.Code.Text(), strings.ReplaceAll(f.Code.Text(), "-", ""),
	}
}

func hides(t *testing.T, where, text string, fresh ...badges.Fresh) {
	t.Helper()
	for _, f := range fresh {
		for _, s := range secrets(f) {
			if strings.Contains(strings.ToLower(text), strings.ToLower(s)) {
				t.Errorf("%s shows a secret of %v: %q", where, f, text)
			}
		}
	}
}

func TestSecretsAreNeverWrittenDown(t *testing.T) {
	d := newDesk(t)
	var out bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))

	ann, spare := d.issue(t, "ann"), d.spare(t)
	newer, err := d.Replace(t.Context(), "s-1", "ann", badges.Damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Assign(t.Context(), "s-1", spare.Token, "bob", ""); err != nil {
		t.Fatal(err)
	}
	err = d.Assign(t.Context(), "s-1", spare.Token, "cay", "")
	slog.Error("refused", "err", err)
	err = d.log.Read(t.Context(), 0, func(r ledger.Record) error {
		hides(t, "the ledger", string(r.Leaf), ann, spare, newer)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	slog.Info("issued", "badge", ann, "pointer", &ann, "list", []badges.Fresh{ann})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("issued", "badge", ann, "list", []badges.Fresh{ann})
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&out, form+"\n", ann)
		fmt.Fprintf(&out, form+"\n", []*badges.Fresh{&ann})
		fmt.Fprintf(&out, form+"\n", []badges.Fresh{ann})
	}
	data, err := json.Marshal(map[string]any{"fresh": ann, "all": d.All()})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(data)
	hides(t, "a log", out.String(), ann, spare, newer)
}

// The ledger alone does not let anybody try all typed codes: their key is in
// the vault.
func TestTypedCodesAreKeptUnderTheVaultsKey(t *testing.T) {
	d := newDesk(t)
	ann := d.issue(t, "ann")
	key, err := d.CodeKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var under, plain int
	err = d.log.Read(t.Context(), 0, func(r ledger.Record) error {
		for k, n := range map[typed.Key]*int{key: &under, {}: &plain} {
			hash, _ := ann.Code.Hash(k).MarshalText()
			*n += bytes.Count(r.Leaf, hash)
		}
		if bytes.Contains(r.Leaf, []byte(hex.EncodeToString(key[:]))) {
			t.Error("the key is on the ledger")
		}
		return nil
	})
	if err != nil || under != 1 || plain != 0 {
		t.Errorf("the code is on the ledger %d times under the key, %d times without, %v", under, plain, err)
	}
	if again, err := d.again(t).CodeKey(t.Context()); err != nil || again != key {
		t.Errorf("after a restart there is another key, %v", err)
	}
}

func TestALostKeyIsNotDrawnAnew(t *testing.T) {
	for name, lose := range map[string]func(vaulttest.Memory){
		"gone":   func(s vaulttest.Memory) { clear(s) },
		"broken": func(s vaulttest.Memory) { s["badges.code-key"] = []byte("short") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.issue(t, "ann")
			lose(d.vault)
			_, err := d.IssueTo(t.Context(), "s-1", "bob")
			wantCode(t, err, errs.Invalid)
			if len(d.All()) != 1 {
				t.Error("a badge was issued")
			}
		})
	}
}

func TestTheRealVaultKeepsTheKey(t *testing.T) {
	v, err := vault.Open(t.TempDir() + "/vault")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	d := newDesk(t)
	first, err := badges.New(d.log, v, bytes.NewReader(make([]byte, 32)), nil).CodeKey(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	second, err := badges.New(d.log, v, nil, nil).CodeKey(context.Background())
	if err != nil || first != second {
		t.Errorf("%v: the key is not kept", err)
	}
}

// A random source that repeats itself makes no badge, and above all no second
// badge with the secrets of the first.
func TestARepeatingSourceMakesNoBadges(t *testing.T) {
	d := newDesk(t)
	book := badges.New(d.log, d.vault, repeating{}, func() ledger.Stamp { return ledger.Stamp{} })
	_, err := book.IssueTo(t.Context(), "s-1", "ann", "bob")
	wantCode(t, err, errs.Internal)
	if _, err := book.IssueTo(t.Context(), "s-1", "ann"); err != nil {
		t.Fatal(err)
	}
	_, err = book.Replace(t.Context(), "s-1", "ann", badges.Lost)
	wantCode(t, err, errs.Internal)
	if again := d.again(t); len(again.All()) != 1 { // fails on a record that does not fit
		t.Errorf("there are %d badges on record", len(again.All()))
	}
}

type repeating struct{}

func (repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 5
	}
	return len(p), nil
}

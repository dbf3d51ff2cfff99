package enrol

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// Apple School Manager gives its devices, and takes a profile for those on the list.
func TestASM(t *testing.T) {
	m := &double.SchoolManager{Org: "Elmfield Academy", PerPage: 2, Devices: []string{"DMPC0000001", "DMPC0000009", "DMPC0000002"}, Foreign: map[string]bool{"DMPC0000002": true}}
	served := httptest.NewServer(m)
	t.Cleanup(served.Close)
	token := func(public []byte, until time.Time) []byte {
		t.Helper()
		file, err := m.Token(public, until)
		must(t, err)
		return file
	}
	r := withPush(t, func(c *Config) { c.ASMURL, c.Root = served.URL, []byte{0x30, 0x00} })
	ctx := t.Context()
	refused(t, "no key yet", r.TakeToken(ctx, []byte("x")), errs.NotFound, "", "no key of this server")
	public, err := r.PublicKey()
	must(t, err)
	again, err := r.PublicKey()
	must(t, err)
	if string(again) != string(public) {
		t.Error("each time there is another key")
	}
	other := newRig(t)
	theirs, err := other.PublicKey()
	must(t, err)
	year := noon.Add(365 * 24 * time.Hour)
	for what, c := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":      {nil, "not a server token"},
		"text":         {[]byte("hello"), "not a server token"},
		"for another":  {token(theirs, year), "not a server token"},
		"ended":        {token(public, noon.Add(-time.Hour)), "ended on"},
		"far too long": {make([]byte, MaxUpload+1), "not a server token"},
	} {
		refused(t, what, r.TakeToken(ctx, c.file), errs.Invalid, "token", c.says)
	}
	_, err = r.Owned(ctx)
	refused(t, "before there is a token", err, errs.NotFound, "", "no server token")
	m.Deny(true)
	refused(t, "a token that Apple does not take", r.TakeToken(ctx, token(public, year)), errs.Denied, "", "does not take")
	m.Deny(false)
	must(t, r.TakeToken(ctx, token(public, year)))
	if a := r.ASM(); a.Org != "Elmfield Academy" || !a.Until.Equal(year) || a.Profile {
		t.Errorf("connected as %+v", a)
	}

	owned, err := r.Owned(ctx)
	must(t, err)
	if len(owned) != 3 || owned[0] != (Owned{"DMPC0000001", "iPad 10", false, "ipad-1"}) || owned[2].Device != "" {
		t.Errorf("owned: %+v", owned)
	}
	_, err = r.Assign(ctx, nil)
	refused(t, "none of them", err, errs.NotFound, "", "None of the iPads")
	no, err := r.Assign(ctx, []string{"DMPC0000001", "DMPC0000002"})
	must(t, err)
	if len(no) != 1 || no["DMPC0000002"] != "NOT_ACCESSIBLE" {
		t.Errorf("refused: %v", no)
	}
	profile, _ := m.Profile()
	for key, want := range map[string]any{"is_supervised": true, "is_mandatory": true, "is_mdm_removable": false, "url": r.DeviceURL()} {
		if profile[key] != want {
			t.Errorf("%s is %v", key, profile[key])
		}
	}
	if profile["anchor_certs"] == nil || profile["skip_setup_items"] == nil {
		t.Errorf("the profile is %v", profile)
	}
	if n, _ := r.Awaited(); n != 1 {
		t.Errorf("%d are waited for", n)
	}
	_, err = r.Assign(ctx, []string{"DMPC0000001"})
	if _, times := m.Profile(); err != nil || times != 1 {
		t.Errorf("defined %d times, %v", times, err)
	}
	if owned, err = r.Owned(ctx); err != nil || !owned[0].Ours {
		t.Errorf("it is not ours: %+v %v", owned, err)
	}
	served.Close()
	_, err = r.Owned(ctx)
	refused(t, "nobody answers", err, errs.Unavailable, "", "cannot be reached")
}

func FuzzOpenToken(f *testing.F) {
	r, err := Open(Config{File: f.TempDir() + "/e.json", URL: "https://i.example", Seal: mask{}, Now: func() time.Time { return noon }})
	must(f, err)
	_, err = r.PublicKey()
	must(f, err)
	f.Add([]byte("Content-Type: application/pkcs7-mime\r\n\r\nMIAG\r\n"))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if got, err := r.openToken(r.look().ASM, file); err == nil && !got.Valid() {
			t.Error("half a token")
		}
	})
}

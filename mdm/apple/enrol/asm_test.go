package enrol

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// manager is a pretend Apple School Manager.
type manager struct {
	*httptest.Server

	mu       sync.Mutex
	denies   bool // it takes no token
	pages    [][]string
	profile  map[string]any
	defined  int
	assigned []string
	unknown  string // a serial number that is not the school's
}

func newManager(t *testing.T) *manager {
	m := &manager{pages: [][]string{{"DMPC0000001", "DMPC0000009"}, {"DMPC0000002"}}, unknown: "DMPC0000002"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /session", func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.denies || !strings.Contains(r.Header.Get("Authorization"), `oauth_consumer_key="CK"`) {
			http.Error(w, "oauth_problem_adviced", http.StatusForbidden)
			return
		}
		answer(w, map[string]any{"auth_session_token": "one"})
	})
	mux.HandleFunc("GET /account", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"org_name": "Elmfield Academy", "server_name": "Bellkeep"})
	})
	mux.HandleFunc("POST /server/devices", m.devices)
	mux.HandleFunc("POST /profile", func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.defined++
		_ = json.NewDecoder(r.Body).Decode(&m.profile) // looked at by the test
		answer(w, map[string]any{"profile_uuid": "P-1", "devices": map[string]string{}})
	})
	mux.HandleFunc("/profile/devices", m.assign)
	m.Server = httptest.NewServer(mux)
	t.Cleanup(m.Close)
	return m
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF8")
	_ = json.NewEncoder(w).Encode(v) // to a recorder
}

// devices gives one page after the other.
func (m *manager) devices(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var asked struct{ Cursor string }
	_ = json.NewDecoder(r.Body).Decode(&asked) // none is the first
	n := len(asked.Cursor)
	var list []map[string]any
	for _, serial := range m.pages[n] {
		d := map[string]any{"serial_number": serial, "model": "iPad 10"}
		if slices.Contains(m.assigned, serial) {
			d["profile_uuid"] = "P-1"
		}
		list = append(list, d)
	}
	answer(w, map[string]any{"devices": list, "cursor": asked.Cursor + "x", "more_to_follow": n+1 < len(m.pages), "fetched_until": noon})
}

func (m *manager) assign(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var asked struct {
		Devices []string `json:"devices"`
		UUID    string   `json:"profile_uuid"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked) // nothing assigns nothing
	said := map[string]string{}
	for _, serial := range asked.Devices {
		said[serial] = "SUCCESS"
		if serial == m.unknown || asked.UUID != "P-1" {
			said[serial] = "NOT_ACCESSIBLE"
			continue
		}
		m.assigned = append(m.assigned, serial)
	}
	answer(w, map[string]any{"profile_uuid": asked.UUID, "devices": said})
}

// token is a server token as it is downloaded, sealed to a public key.
func token(t *testing.T, public []byte, until time.Time) []byte {
	t.Helper()
	block, _ := pem.Decode(public)
	cert, err := x509.ParseCertificate(block.Bytes)
	must(t, err)
	inner := fmt.Sprintf("Content-Type: text/plain\r\n\r\n-----BEGIN MESSAGE-----\n"+
		`{"consumer_key":"CK","consumer_secret":"CS","access_token":"AT","access_secret":"AS","access_token_expiry":%q}`+"\n-----END MESSAGE-----\n", until.Format(time.RFC3339))
	sealed, err := pkcs7.Encrypt([]byte(inner), []*x509.Certificate{cert})
	must(t, err)
	return []byte("Content-Type: application/pkcs7-mime\r\n\r\n" + base64.StdEncoding.EncodeToString(sealed) + "\r\n.\r\n")
}

// Apple School Manager gives its devices, and takes a profile for those on the list.
func TestASM(t *testing.T) {
	m := newManager(t)
	r := withPush(t, func(c *Config) { c.ASM, c.Root = m.URL, []byte{0x30, 0x00} })
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
		"for another":  {token(t, theirs, year), "not a server token"},
		"ended":        {token(t, public, noon.Add(-time.Hour)), "ended on"},
		"far too long": {make([]byte, MaxUpload+1), "not a server token"},
	} {
		refused(t, what, r.TakeToken(ctx, c.file), errs.Invalid, "token", c.says)
	}
	_, err = r.Owned(ctx)
	refused(t, "before there is a token", err, errs.NotFound, "", "no server token")
	m.denies = true
	refused(t, "a token that Apple does not take", r.TakeToken(ctx, token(t, public, year)), errs.Denied, "", "does not take")
	m.denies = false
	must(t, r.TakeToken(ctx, token(t, public, year)))
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
	for key, want := range map[string]any{"is_supervised": true, "is_mandatory": true, "is_mdm_removable": false, "url": r.DeviceURL()} {
		if m.profile[key] != want {
			t.Errorf("%s is %v", key, m.profile[key])
		}
	}
	if m.profile["anchor_certs"] == nil || m.profile["skip_setup_items"] == nil {
		t.Errorf("the profile is %v", m.profile)
	}
	if n, _ := r.Awaited(); n != 1 {
		t.Errorf("%d are waited for", n)
	}
	if _, err = r.Assign(ctx, []string{"DMPC0000001"}); err != nil || m.defined != 1 {
		t.Errorf("defined %d times, %v", m.defined, err)
	}
	if owned, err = r.Owned(ctx); err != nil || !owned[0].Ours {
		t.Errorf("it is not ours: %+v %v", owned, err)
	}
	m.Close()
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

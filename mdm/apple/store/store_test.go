package store_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	nano "github.com/micromdm/nanomdm/mdm"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/store"
)

// mask seals by turning every bit over: enough to see whether something was sealed.
type mask struct{}

func (mask) Seal(plain []byte) ([]byte, error) {
	out := bytes.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}

func (m mask) Open(sealed []byte) ([]byte, error) { return m.Seal(sealed) }

var began = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, mask{}, time.Now, began)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fresh(t *testing.T) *store.Store {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "ipads.db"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Two things happen to one device at once, ten thousand times: a document comes and
// the device says something. Both are there afterwards.
func TestConcurrentChangesAreNeverLost(t *testing.T) {
	s := fresh(t)
	const trials, devices = 10_000, 50
	var group sync.WaitGroup
	for n := range devices {
		id := fmt.Sprint("ipad-", n)
		group.Go(func() {
			for trial := range trials / devices {
				var both sync.WaitGroup
				both.Go(func() {
					must(t, s.Update(t.Context(), id, func(d *apple.Device) error { d.Want.Rev++; return nil }))
				})
				both.Go(func() {
					must(t, s.Update(t.Context(), id, func(d *apple.Device) error { d.Battery++; return nil }))
				})
				both.Wait()
				d, err := s.View(id)
				if err != nil || d.Want.Rev != uint64(trial+1) || d.Battery != trial+1 {
					t.Errorf("%s: after %d trials there are %d documents and %d words of it, %v", id, trial+1, d.Want.Rev, d.Battery, err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestAChangeThatFailsChangesNothing(t *testing.T) {
	s := fresh(t)
	must(t, s.Update(t.Context(), "ipad-1", func(d *apple.Device) error { d.Battery = 50; return nil }))
	stop := errs.New(errs.Conflict, "no", "")
	if err := s.Update(t.Context(), "ipad-1", func(d *apple.Device) error { d.Battery = 1; return stop }); !errors.Is(err, stop) {
		t.Errorf("it ended with %v", err)
	}
	if d, err := s.View("ipad-1"); err != nil || d.Battery != 50 {
		t.Errorf("the device has %d, %v", d.Battery, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Update(ended, "ipad-1", func(d *apple.Device) error { d.Battery = 1; return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a change for nobody ended with %v", err)
	}
}

// What a new file does not know may have been done under the one before.
func TestCommandsOfBeforeTheStoreAreNotDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ipads.db")
	s := open(t, path)
	ask := func(s *store.Store, ts time.Time) (state mdm.AckState) {
		t.Helper()
		must(t, s.Update(t.Context(), "ipad-1", func(d *apple.Device) error {
			for _, a := range d.Ask(mdm.NewCommand("ipad-1", "c-1", mdm.Wipe, mdm.Args{}, ts, ts.Add(48*time.Hour)), began.Add(time.Hour)) {
				state = a.State
			}
			return errors.Join()
		}))
		return state
	}
	if got := ask(s, began.Add(-time.Minute)); got != mdm.Refused {
		t.Errorf("a command of before the store is %q", got)
	}
	must(t, s.Close())
	s, err := store.Open(path, mask{}, time.Now, began.Add(24*time.Hour))
	must(t, err)
	if got := ask(s, began.Add(time.Minute)); got == mdm.Refused {
		t.Error("after a restart, a command of since the store was begun is refused")
	}
	must(t, s.Close())
}

func TestTheFileIsItsOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ipads.db")
	s := open(t, path)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	if _, err := store.Open(path, mask{}, time.Now, began); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a second program opened it: %v", err)
	}
	must(t, s.Close())
}

func request(t *testing.T, udid string) *nano.Request {
	r := nano.NewRequestWithContext(t.Context(), nil)
	r.EnrollID = &nano.EnrollID{Type: nano.Device, ID: udid}
	return r
}

func TestSecretsAreSealed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ipads.db")
	s := open(t, path)
	r := request(t, "U-1")
	must(t, s.StoreAuthenticate(r, &nano.Authenticate{}))
	must(t, s.StoreBootstrapToken(r, &nano.SetBootstrapToken{BootstrapToken: nano.BootstrapToken{BootstrapToken: []byte("a very secret token")}}))
	got, err := s.RetrieveBootstrapToken(r, nil)
	if err != nil || string(got.BootstrapToken) != "a very secret token" {
		t.Errorf("it reads %v, %v", got, err)
	}
	must(t, s.Close())
	file, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(file, []byte("YSB2ZXJ5IHNlY3JldCB0b2tlb")) || bytes.Contains(file, []byte("a very secret token")) {
		t.Error("a token lies in the file for everybody to read")
	}
}

func TestARetiredDeviceIsForgotten(t *testing.T) {
	s := fresh(t)
	r := request(t, "U-1")
	must(t, s.StoreAuthenticate(r, &nano.Authenticate{SerialNumber: "S1"}))
	r.Certificate = &x509.Certificate{Subject: pkix.Name{CommonName: "ipad-1"}}
	must(t, s.AssociateCertHash(r, "hash"))
	must(t, s.Update(t.Context(), "ipad-1", func(d *apple.Device) error { d.Battery = 3; return nil }))
	must(t, s.Invite(t.Context(), "challenge", store.Invitation{Device: "ipad-1", Expires: time.Now().Add(time.Hour)}))
	must(t, s.Forget(t.Context(), "ipad-1"))
	if e, err := s.EnrolmentOf("ipad-1"); err != nil || e.UDID != "" {
		t.Errorf("it is enrolled as %q, %v", e.UDID, err)
	}
	if udid, err := s.EnrollmentFromHash(t.Context(), "hash"); err != nil || udid != "" {
		t.Errorf("its certificate speaks for %q, %v", udid, err)
	}
	if _, err := s.Redeem(t.Context(), "challenge", time.Now()); errs.CodeOf(err) != errs.Denied {
		t.Errorf("its invitation: %v", err)
	}
	if d, err := s.View("ipad-1"); err != nil || d.Battery != 0 {
		t.Errorf("what it was is still there: %v, %v", d, err)
	}
}

func TestInvitations(t *testing.T) {
	s := fresh(t)
	now := time.Now()
	invite := func(challenge string, until time.Time) {
		t.Helper()
		must(t, s.Invite(t.Context(), challenge, store.Invitation{Device: "ipad-1", Serial: "S1", Made: now, Expires: until}))
	}
	invite("good", now.Add(time.Hour))
	invite("old", now.Add(-time.Second))
	for _, c := range []struct{ challenge, want string }{{"good", ""}, {"good", "denied"}, {"old", "denied"}, {"unknown", "denied"}, {"", "denied"}} {
		id, err := s.Redeem(t.Context(), c.challenge, now)
		if (err == nil) != (c.want == "") || err != nil && string(errs.CodeOf(err)) != c.want || err == nil && id != "ipad-1" {
			t.Errorf("%q: %q, %v", c.challenge, id, err)
		}
	}
	must(t, s.Issued(t.Context(), "good", "hash"))
	if i, err := s.InvitationFor("hash"); err != nil || i.Device != "ipad-1" || i.Serial != "S1" || i.Used.IsZero() {
		t.Errorf("the certificate was issued for %+v, %v", i, err)
	}
	if _, err := s.InvitationFor("another"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("a certificate of nobody: %v", err)
	}
}

// However many come at once with one challenge, one gets a certificate for it.
func TestAChallengeIsUsedOnce(t *testing.T) {
	s := fresh(t)
	must(t, s.Invite(t.Context(), "c", store.Invitation{Device: "ipad-1", Expires: time.Now().Add(time.Hour)}))
	var group sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 50 {
		group.Go(func() {
			if _, err := s.Redeem(t.Context(), "c", time.Now()); err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d used one challenge", won)
	}
}

// Invitations do not pile up.
func TestADeviceHasFewInvitations(t *testing.T) {
	s := fresh(t)
	now := time.Now()
	for n := range 20 {
		must(t, s.Invite(t.Context(), fmt.Sprint("c", n), store.Invitation{Device: "ipad-1", Made: now.Add(time.Duration(n) * time.Second), Expires: now.Add(time.Hour)}))
	}
	held := 0
	for n := range 20 {
		if _, err := s.Redeem(t.Context(), fmt.Sprint("c", n), now); err == nil {
			held++
		}
	}
	if held != 8 {
		t.Errorf("%d invitations hold", held)
	}
}

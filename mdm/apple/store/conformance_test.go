package store_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	nano "github.com/micromdm/nanomdm/mdm"
	"github.com/micromdm/nanomdm/storage/inmem"
	"github.com/micromdm/nanomdm/test/e2e"

	"github.com/bellkeep/bellkeep/mdm/apple/store"
)

// withQueue completes a store with what it has not: a command queue, and the
// check-ins of a migration. NanoMDM's own store in memory has them. What the product
// asks in another way is answered from the store.
type withQueue struct {
	*store.Store
	other *inmem.InMem
}

func (w withQueue) StoreCommandReport(r *nano.Request, m *nano.CommandResults) error {
	return w.other.StoreCommandReport(r, m)
}

func (w withQueue) RetrieveNextCommand(r *nano.Request, skipNotNow bool) (*nano.Command, error) {
	return w.other.RetrieveNextCommand(r, skipNotNow)
}

func (w withQueue) ClearQueue(r *nano.Request) error { return w.other.ClearQueue(r) }

func (w withQueue) EnqueueCommand(ctx context.Context, ids []string, c *nano.Command) (map[string]error, error) {
	return w.other.EnqueueCommand(ctx, ids, c)
}

func (w withQueue) RetrieveMigrationCheckins(ctx context.Context, out chan<- any) error {
	return w.other.RetrieveMigrationCheckins(ctx, out)
}

func (w withQueue) StoreAuthenticate(r *nano.Request, m *nano.Authenticate) error {
	if err := w.other.StoreAuthenticate(r, m); err != nil {
		return err
	}
	return w.Store.StoreAuthenticate(r, m)
}

func (w withQueue) StoreTokenUpdate(r *nano.Request, m *nano.TokenUpdate) error {
	if err := w.other.StoreTokenUpdate(r, m); err != nil {
		return err
	}
	return w.Store.StoreTokenUpdate(r, m)
}

func (w withQueue) RetrievePushInfo(_ context.Context, udids []string) (map[string]*nano.Push, error) {
	all := map[string]*nano.Push{}
	for _, udid := range udids {
		e, err := w.Enrolment(udid)
		if err != nil {
			return nil, err
		}
		if e.Reachable() {
			all[udid] = &nano.Push{PushMagic: e.Magic, Token: e.Token, Topic: e.Topic}
		}
	}
	return all, nil
}

func (w withQueue) RetrieveTokenUpdateTally(_ context.Context, udid string) (int, error) {
	e, err := w.Enrolment(udid)
	return e.Tally, err
}

// NanoMDM's suite for its stores. It reads its files relative to where a package of
// its own would stand.
func TestNanoMDMConformance(t *testing.T) {
	s := fresh(t)
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/micromdm/nanomdm").Output()
	must(t, err)
	from, to := strings.TrimSpace(string(out)), t.TempDir()
	for _, part := range []string{"test/e2e/testdata", "mdm/testdata"} {
		must(t, os.CopyFS(filepath.Join(to, part), os.DirFS(filepath.Join(from, part))))
	}
	work := filepath.Join(to, "storage", "ours")
	must(t, os.MkdirAll(work, 0o700))
	t.Chdir(work)
	e2e.TestE2E(t, t.Context(), withQueue{s, inmem.New()})
}

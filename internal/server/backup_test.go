package server

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/backup"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/continuity"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A backup is made while the ledger grows, and read back from the disk. Restored, it
// is the beginning of the ledger it was made of; a server runs on it in another
// epoch, whose rules are newer than any that banks have.
func TestBackupWhileWriting(t *testing.T) {
	s := run(t, millLane(t))
	key, err := age.GenerateX25519Identity()
	must(t, err)
	must(t, s.placeHold(t, "m-1"))

	writing, stop := context.WithCancel(t.Context())
	wrote := make(chan int)
	go func() {
		n := 0
		for ; writing.Err() == nil; n++ {
			if _, err := s.Log.Append(t.Context(), ledger.Entry{Kind: "test"}); err != nil {
				break
			}
		}
		wrote <- n
	}()
	folder := t.TempDir()
	made, err := AskBackup(t.Context(), s.Dir, folder, key.Recipient().String())
	stop()
	if n := <-wrote; n == 0 {
		t.Error("nothing was written meanwhile")
	}
	must(t, err)
	if made.Records == 0 || made.Records > s.Log.Size() || made.Files < 5 {
		t.Errorf("made %+v", made)
	}
	if _, err := os.Stat(filepath.Join(s.Dir, drillFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Error("the drill leaves its folder behind")
	}

	dir := filepath.Join(t.TempDir(), "data")
	r := restore(t, made.Path, dir, key)
	must(t, s.Continues(r))
	given := s.Rules.Current().Directory.Version
	_, err = GoOn(dir, "m-17", "a test", time.Now().UTC())
	must(t, err)
	c := millLane(t)
	c.Dir = dir
	again := run(t, c)
	if e := again.Log.Name().Epoch; e != 2 {
		t.Errorf("it goes on in epoch %d", e)
	}
	if len(again.Desk.Standing()) != 1 {
		t.Error("the hold is lost")
	}
	if now := again.Rules.Current().Directory.Version; now <= given {
		t.Errorf("the rules have version %d, and banks have %d", now, given)
	}
	r.School.Root[0] ^= 1
	if err := s.Continues(r); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("the ledger in use continues another one: %v", err)
	}
}

func restore(t *testing.T, path, dir string, key age.Identity) Restored {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	_, err = backup.Restore(f, dir, key)
	must(t, err)
	r, err := ReadRestored(t.Context(), dir)
	must(t, err)
	return r
}

// The newest are kept, and other files in the folder; when it is gone, that is said.
func TestBackupsKept(t *testing.T) {
	c := millLane(t)
	key, err := age.GenerateX25519Identity()
	must(t, err)
	c.Backups = Backups{Folder: filepath.Join(t.TempDir(), "backups"), To: key.Recipient(), Keep: 2}
	s := run(t, c)
	must(t, os.MkdirAll(c.Backups.Folder, 0o700))
	for _, name := range []string{"bellkeep-2020-01-01-020000Z.age", "bellkeep-2020-01-02-020000Z.age", "another.age"} {
		must(t, os.WriteFile(filepath.Join(c.Backups.Folder, name), nil, 0o600))
	}
	made, err := s.BackUp(t.Context(), c.Backups.Folder, c.Backups.To)
	must(t, err)
	left, err := os.ReadDir(c.Backups.Folder)
	must(t, err)
	if len(left) != 3 || left[0].Name() != "another.age" || left[1].Name() != "bellkeep-2020-01-02-020000Z.age" || left[2].Name() != filepath.Base(made.Path) {
		t.Errorf("there are %v", left)
	}
	if b, is := s.BackedUp(); !is || b.Fault != "" || b.Late(time.Now()) {
		t.Errorf("it stands %+v", b)
	}
	must(t, os.RemoveAll(c.Backups.Folder))
	must(t, os.WriteFile(c.Backups.Folder, nil, 0o600))
	if _, err := s.BackUp(t.Context(), c.Backups.Folder, c.Backups.To); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("into a file: %v", err)
	}
	if b, made := s.BackedUp(); !made || b.Fault == "" || b.Late(time.Now()) || !b.Late(time.Now().Add(37*time.Hour)) {
		t.Errorf("it stands %+v", b)
	}
}

func (s *Server) placeHold(t *testing.T, person string) error {
	_, err := s.Desk.Place(t.Context(), "office", desk.Hold, locker.Subject{Person: person})
	return err
}

// A device's continuity sheet tells of the epochs before a restore, too.
func TestSheetOfTwoEpochs(t *testing.T) {
	c := millLane(t)
	s := run(t, c)
	office := desk.By{Actor: school.Actor{Account: "office", Person: "m-1"}, Roles: []roles.Assignment{{Role: roles.Office}}}
	found, err := s.Custody.Take(t.Context(), office, desk.Intake{What: desk.Phone, Why: desk.Found, Place: desk.At("office-safe")})
	must(t, err)
	one, later, err := s.Sheet(t.Context(), found.ID)
	must(t, err)
	if len(one.Ledgers) != 1 || later != 0 {
		t.Fatalf("%d ledgers, %d later", len(one.Ledgers), later)
	}
	key, err := age.GenerateX25519Identity()
	must(t, err)
	made, err := s.BackUp(t.Context(), t.TempDir(), key.Recipient())
	must(t, err)
	c.Dir = filepath.Join(t.TempDir(), "data")
	restore(t, made.Path, c.Dir, key)
	_, err = GoOn(c.Dir, "m-17", "a test", time.Now().UTC())
	must(t, err)
	again := run(t, c)
	must(t, again.Custody.Move(t.Context(), office, found.ID, desk.InHandsOf("m-1")))
	two, later, err := again.Sheet(t.Context(), found.ID)
	must(t, err)
	report, err := continuity.Verify(two)
	must(t, err)
	kinds := map[string]string{}
	for _, step := range report.Steps {
		kinds[step.Kind] = step.Ledger
	}
	if later != 0 || kinds[desk.KindItemListed] != "bellkeep/school/1" || kinds[desk.KindItemMoved] != "bellkeep/school/2" {
		t.Errorf("%v, %d later", kinds, later)
	}
}

// What a bank has recorded and not signed yet is left to the bank, which sends it
// again: a backup in its first minute is as good as any.
func TestBackupBesideAYoungBank(t *testing.T) {
	c := millLane(t)
	bank, err := boltlog.Open(t.TempDir(), boltlog.Options{Writer: "a"})
	must(t, err)
	defer bank.Close()
	var leaves [][]byte
	must(t, bank.Read(t.Context(), 0, func(r ledger.Record) error { leaves = append(leaves, bytes.Clone(r.Leaf)); return nil }))
	young, err := boltlog.OpenCopy(filepath.Join(c.Dir, "banks", "a"), "a", 1)
	must(t, err)
	_, err = young.Append(t.Context(), 0, leaves)
	must(t, errors.Join(err, young.Close()))

	s := run(t, c)
	must(t, s.List.Add(t.Context(), "it", banks.Bank{Setup: locker.Setup{Bank: "a", Allotment: locker.Fixed, Doors: []int{1, 2}}}))
	must(t, s.Banks.Admit(t.Context(), "a"))
	if copies := s.Banks.AllCopies(); len(copies) != 1 || copies[0].Size() == 0 {
		t.Fatalf("%d copies", len(copies))
	}
	key, err := age.GenerateX25519Identity()
	must(t, err)
	made, err := s.BackUp(t.Context(), t.TempDir(), key.Recipient())
	must(t, err)
	if r := restore(t, made.Path, filepath.Join(t.TempDir(), "data"), key); len(r.All) != 1 {
		t.Errorf("%d ledgers are in it", len(r.All))
	}
}

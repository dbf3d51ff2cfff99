package main

import (
	"fmt"
	"path/filepath"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
)

// backupFile is what the server's file says of backups.
type backupFile struct {
	Folder config.Value[string] `yaml:"folder"`
	Key    config.Value[string] `yaml:"key"`
	At     config.Value[string] `yaml:"at"`
	Keep   config.Value[int]    `yaml:"keep"`
}

// The usual hour of backups, and how many are kept.
const (
	backupHour = 2
	backupKeep = 30
	mostKept   = 3650
)

func (f *backupFile) read(path string, faults *config.Faults) server.Backups {
	if f == nil {
		return server.Backups{}
	}
	b := server.Backups{Folder: f.Folder.V, At: school.Clock{Hour: backupHour}, Keep: backupKeep}
	if !filepath.IsAbs(b.Folder) {
		faults.Add(path, f.Folder.Line, "backup: folder: %q is not a full path", b.Folder)
	}
	to, err := age.ParseX25519Recipient(f.Key.V)
	if err != nil {
		faults.Add(path, f.Key.Line, "backup: key: it is not the public half of a key, age1...: run bellkeep backup key")
	}
	b.To = to
	if f.At.V != "" {
		if b.At, err = school.ParseClock(f.At.V); err != nil {
			faults.Add(path, f.At.Line, "backup: at: %q is not a time like 02:00", f.At.V)
		}
	}
	if f.Keep.Line != 0 {
		b.Keep = f.Keep.V
	}
	if b.Keep < 1 || b.Keep > mostKept {
		faults.Add(path, f.Keep.Line, "backup: keep: %d is not between 1 and %d", b.Keep, mostKept)
	}
	return b
}

// backupWords say what becomes of it, for whoever starts the server.
func backupWords(b server.Backups) string {
	if b.Folder == "" {
		return "No backups are made: server.yaml has no backup: in it. Run: bellkeep backup --help"
	}
	return fmt.Sprintf("A sealed backup is made to %s every night at %02d:%02d, and the last %d are kept.", b.Folder, b.At.Hour, b.At.Minute, b.Keep)
}

// demoBackups are those of a demonstration, whose key nobody keeps.
func demoBackups(data string) (server.Backups, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return server.Backups{}, err
	}
	return server.Backups{Folder: filepath.Join(data, "backups"), To: key.Recipient(), At: school.Clock{Hour: backupHour}, Keep: backupKeep}, nil
}

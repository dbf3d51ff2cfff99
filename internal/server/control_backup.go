package server

import (
	"context"
	"net/http"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// backupAsked is the command for a backup now.
type backupAsked struct {
	Folder string `json:"folder,omitempty"` // "" for where the nightly ones go
	Key    string `json:"key,omitempty"`    // public; "" for the key of the nightly ones
}

// AskBackup has the server that runs on a data folder make a backup now, whatever
// time it takes. Folder and key may be left out where it makes backups every night.
// Errors: unavailable when none runs, and whatever the server refuses with.
func AskBackup(ctx context.Context, dir, folder, key string) (m Made, err error) {
	return m, control.AskLong(ctx, dir, "/backup", backupAsked{folder, key}, &m)
}

func (s *Server) serveBackups(mux *http.ServeMux) {
	run := control.Answer(func(ctx context.Context, in backupAsked) (Made, error) {
		folder, to := s.Backups.Folder, s.Backups.To
		if in.Folder != "" {
			folder = in.Folder
		}
		if in.Key != "" {
			key, err := age.ParseX25519Recipient(in.Key)
			if err != nil {
				return Made{}, errs.Wrap(err, errs.Invalid, "That is not the public half of a backup key.", "It begins with age1: bellkeep backup key prints one.")
			}
			to = key
		}
		if folder == "" || to == nil {
			return Made{}, errs.New(errs.Invalid, "It is not said where the backup goes, and to which key it is sealed.", "Give --to and --key, or put both under backup: in server.yaml.")
		}
		return s.BackUp(ctx, folder, to)
	})
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil { // a large school's takes minutes
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		run(w, r)
	})
}

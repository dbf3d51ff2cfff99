package server

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// SealedFile is the vault of the sealed texts in a data folder.
const SealedFile = "safeguarding"

// KeyFile is where the key of the safeguarding texts is when nobody says otherwise:
// beside the data folder, so that a copy of that has it not.
func KeyFile(data string) string {
	return filepath.Join(filepath.Clean(data)+"-safeguarding", "key")
}

// openSealed opens the texts of safeguarding files, and makes their key at the first
// start. Without the key the school goes on: those files are locked, and say so.
func (s *Server) openSealed(ctx context.Context) (_ *sealed.Store, err error) {
	if s.texts, err = vault.Open(filepath.Join(s.Dir, SealedFile)); err != nil {
		return nil, err
	}
	if s.SafeguardingKey == "" {
		s.SafeguardingKey = KeyFile(s.Dir)
	}
	key, err := sealed.LoadKey(s.SafeguardingKey)
	if errs.CodeOf(err) == errs.NotFound {
		var empty bool
		if empty, err = sealed.Empty(ctx, s.texts); err == nil && empty {
			key = sealed.NewKey()
			err = key.Save(s.SafeguardingKey)
		} else if err == nil {
			err = sealed.ErrLocked
		}
	}
	if err == nil {
		var store *sealed.Store
		if store, err = sealed.Open(ctx, s.texts, key); err == nil {
			return store, nil
		}
	}
	slog.Error("safeguarding files are locked", "err", err, "next", errs.HintOf(err))
	return sealed.Locked(s.texts), nil
}

package vault

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"go.etcd.io/bbolt"
)

// MaxItems is the most that one PutAll takes: a large school's roll with its
// contacts.
const MaxItems = 10_000

// Item is content to be kept under a fresh id.
type Item struct {
	ID      string
	Content []byte
}

// Put keeps content under a fresh id and returns what the ledger may hold of
// it. It is on disk when Put returns; content is put before the record that
// speaks of it. Errors: invalid, conflict (the id is taken), unavailable.
func (v *Vault) Put(ctx context.Context, id string, content []byte) (Commitment, error) {
	made, err := v.PutAll(ctx, []Item{{id, content}})
	if err != nil {
		return Commitment{}, err
	}
	return made[0], nil
}

// PutAll is Put for many items in one transaction: all of them are kept, or
// none. Commitments come back in the order of the items.
// Errors: invalid, conflict (an id is taken or stands twice), unavailable.
func (v *Vault) PutAll(ctx context.Context, items []Item) ([]Commitment, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(items) > MaxItems {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("The vault takes up to %d items at once.", MaxItems), "Put them in parts.")
	}
	for _, i := range items {
		if i.ID == "" || len(i.ID) > MaxID || len(i.Content) > MaxContent {
			return nil, errs.New(errs.Invalid,
				fmt.Sprintf("The vault takes up to %d bytes under an id of 1 to %d.", MaxContent, MaxID), "Shorten the text.")
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	made := make([]Commitment, len(items))
	err := v.update(func(tx *bbolt.Tx) error {
		for n, i := range items {
			var err error
			if made[n], err = put(tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func put(tx *bbolt.Tx, i Item) (Commitment, error) {
	kept := tx.Bucket(contentBucket)
	if kept.Get([]byte(i.ID)) != nil {
		return Commitment{}, errs.New(errs.Conflict, "The vault already holds something under that id.", "Use a new id.")
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	c := commit(salt, i.ID, i.Content)
	if err := kept.Put([]byte(i.ID), append(salt, i.Content...)); err != nil {
		return Commitment{}, err
	}
	return c, tx.Bucket(commitmentBucket).Put(c[:], []byte(i.ID))
}

package vault

import (
	"context"

	"go.etcd.io/bbolt"
)

const compactBatch = 1 << 20 // bytes copied in one transaction

// Erase forgets the content and salt of ids. bbolt leaves what it deletes in
// free pages, so the file is written anew without it before Erase returns;
// erase many ids in one call. An id that is not there is no error. Copies in
// backups are the backup's to forget. Errors: unavailable.
func (v *Vault) Erase(ctx context.Context, ids ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := v.update(func(tx *bbolt.Tx) error {
		for _, id := range ids {
			if err := erase(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.compact()
}

func erase(tx *bbolt.Tx, id string) error {
	content := tx.Bucket(contentBucket)
	kept := content.Get([]byte(id))
	if len(kept) < saltSize {
		return nil
	}
	c := commit(kept[:saltSize], id, kept[saltSize:])
	if err := tx.Bucket(commitmentBucket).Put(c[:], nil); err != nil {
		return err
	}
	return content.Delete([]byte(id))
}

// compact replaces the file by one that holds only what is still kept. A
// crash in between leaves the old file, in which the ids are deleted but their
// bytes may still lie about; the next Erase removes them too.
func (v *Vault) compact() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	old := v.db
	err := build(v.path, func(db *bbolt.DB) error { return bbolt.Compact(db, old, compactBatch) })
	if err != nil {
		return fault(err)
	}
	// From here on the old file has no name. Should the new one not open,
	// every later call fails rather than write where nobody will look.
	db, err := bbolt.Open(v.path, fileMode, &bbolt.Options{Timeout: patience})
	closing := old.Close()
	if err != nil {
		return openFault(v.path, err)
	}
	v.db = db
	return fault(closing)
}

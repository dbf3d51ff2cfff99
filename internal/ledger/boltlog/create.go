package boltlog

import (
	"errors"
	"os"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
)

// create makes a ledger of its opening and the entries behind it, signed. The
// caller holds the directory's lock.
func create(n Name, o ledger.Opening, s ledger.Stamp, entries ...ledger.Entry) error {
	o.Writer, o.Epoch = n.Writer, n.Epoch
	if _, err := o.Entry(s); err != nil {
		return err
	}
	keys, err := createKeys(n)
	if err != nil {
		return notWritable(n.Dir, err)
	}
	o.Key = keys.public
	opening, err := o.Entry(s)
	if err != nil {
		return err
	}
	return makeFile(n, func(tx *bbolt.Tx) error { return first(tx, n, keys, append([]ledger.Entry{opening}, entries...)) })
}

// makeFile makes the file of n with what fill puts in. bbolt does not promise
// that a new file survives a power cut, so it is finished under another name.
func makeFile(n Name, fill func(*bbolt.Tx) error) error {
	tmp := n.Path() + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return notWritable(n.Dir, err)
	}
	if err := build(tmp, fill); err != nil {
		return notWritable(n.Dir, errors.Join(err, os.Remove(tmp)))
	}
	if err := install(tmp, n.Path()); err != nil {
		return notWritable(n.Dir, err)
	}
	return nil
}

// build writes the file at path. bbolt syncs it in each commit.
func build(path string, fill func(*bbolt.Tx) error) error {
	db, err := bbolt.Open(path, fileMode, boltOptions(0))
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{aboutBucket, recordBucket, signedBucket} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		if err := tx.Bucket([]byte(aboutBucket)).Put([]byte(formatKey), []byte(format)); err != nil {
			return err
		}
		return fill(tx)
	})
	return errors.Join(err, db.Close())
}

// first puts the first records and the checkpoint that covers them.
func first(tx *bbolt.Tx, n Name, keys keyPair, entries []ledger.Entry) error {
	var c change
	for seq, e := range entries {
		leaf, err := ledger.Encode(uint64(seq), e)
		if err != nil {
			return err
		}
		c.add(append(c.room(len(leaf)), leaf...))
	}
	note, err := ledger.Checkpoint{Origin: ledger.Origin(n.Writer, n.Epoch), Size: c.edge.Size(), Root: c.edge.Root()}.Sign(keys.signer)
	if err != nil {
		return err
	}
	c.file(signed{c.edge.Size(), note})
	return c.put(tx.Bucket([]byte(recordBucket)), tx.Bucket([]byte(signedBucket)))
}

package history

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

const (
	plain  = ".jsonl"
	packed = ".jsonl.gz"
)

// dayFile is the file of a day that lines are appended to, and the hash of what no
// bell covers yet.
type dayFile struct {
	day  school.Date
	f    *os.File
	size int64
	from int64 // where what no bell covers begins
	sum  hash.Hash
}

// openDay opens a day's file to go on. What a bell covers is not read: whether it is
// still what it was is asked when it is looked at.
func openDay(dir string, day school.Date, covered int64) (_ *dayFile, err error) {
	path := filepath.Join(dir, day.String()+plain)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, broken(err)
	}
	d := &dayFile{day: day, f: f, sum: sha256.New()}
	defer func() {
		if err != nil {
			err = errors.Join(broken(err), f.Close())
		}
	}()
	if d.size, err = f.Seek(0, io.SeekEnd); err != nil {
		return nil, err
	}
	d.from = min(covered, d.size)
	tail := io.NewSectionReader(f, d.from, d.size-d.from)
	if _, err := io.Copy(d.sum, tail); err != nil {
		return nil, err
	}
	return d, d.endTorn()
}

// endTorn ends a line that a power cut left without its end, so that the next is
// whole.
func (d *dayFile) endTorn() error {
	last := []byte{'\n'}
	if d.size > 0 {
		if _, err := d.f.ReadAt(last, d.size-1); err != nil {
			return err
		}
	}
	if last[0] == '\n' {
		return nil
	}
	return d.append([]byte{'\n'})
}

// append adds lines. What a failed write left of one stays, and spoils the next.
func (d *dayFile) append(b []byte) error {
	n, err := d.f.WriteAt(b, d.size)
	d.sum.Write(b[:n])
	d.size += int64(n)
	return broken(err)
}

// seal makes what was written durable and gives the hash of what no bell covers.
func (d *dayFile) seal() (from, size int64, sum string, err error) {
	if err := d.f.Sync(); err != nil {
		return 0, 0, "", broken(err)
	}
	return d.from, d.size - d.from, hex.EncodeToString(d.sum.Sum(nil)), nil
}

// covered begins what the next bell covers.
func (d *dayFile) covered() {
	d.from = d.size
	d.sum.Reset()
}

func (d *dayFile) close() error { return broken(d.f.Close()) }

// pack compresses a day that is over.
func pack(dir string, day school.Date) error {
	path := filepath.Join(dir, day.String())
	data, err := durable.ReadFile(path+plain, 2*maxDay)
	if err != nil {
		return broken(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := durable.WriteFile(path+packed, b.Bytes(), 0o600); err != nil {
		return err
	}
	return broken(os.Remove(path + plain))
}

// unpack lets a day go on that was thought over: the clock was wrong.
func unpack(dir string, day school.Date) error {
	path := filepath.Join(dir, day.String())
	if _, err := os.Stat(path + packed); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	data, err := load(dir, day)
	if err != nil {
		return err
	}
	if err := durable.WriteFile(path+plain, data, 0o600); err != nil {
		return err
	}
	return broken(os.Remove(path + packed))
}

// load reads a day, packed or not. Errors: not found, unavailable.
func load(dir string, day school.Date) ([]byte, error) {
	path := filepath.Join(dir, day.String())
	data, err := durable.ReadFile(path+plain, 2*maxDay)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, broken(err)
	}
	raw, err := durable.ReadFile(path+packed, maxDay)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.NotFound, "What devices did on that day is not kept.", "The ledger still says how many were as they must be at each bell.")
	}
	if err != nil {
		return nil, broken(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, broken(err)
	}
	data, err = io.ReadAll(io.LimitReader(z, 2*maxDay))
	return data, broken(err)
}

// days are the days in dir, with what their files' names end in.
func days(dir string) (map[school.Date]string, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, broken(err)
	}
	found := map[school.Date]string{}
	for _, e := range list {
		for _, end := range []string{packed, plain} { // plain goes before: it is whole, and packed may come of it
			name, ok := strings.CutSuffix(e.Name(), end)
			if day, err := school.ParseDate(name); ok && err == nil && found[day] != plain {
				found[day] = end
			}
		}
	}
	return found, nil
}

// broken is a fault of the disk.
func broken(err error) error {
	if err == nil || errs.CodeOf(err) == errs.Unavailable {
		return err
	}
	return errs.Wrap(err, errs.Unavailable, "What devices did cannot be kept or read.", "Look at the disk: is it full, read-only or failing?")
}

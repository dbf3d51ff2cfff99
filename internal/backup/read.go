package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Restore unpacks a backup into dir, which it makes: it is either whole or not
// there. Errors: denied (sealed to another key), invalid (not a backup, or damaged),
// conflict (dir is there), unavailable.
func Restore(r io.Reader, dir string, keys ...age.Identity) (Manifest, error) {
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		return Manifest{}, errs.New(errs.Conflict, fmt.Sprintf("There is something at %s already.", dir), "Name a folder that does not exist yet.")
	}
	opened, err := age.Decrypt(r, keys...)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return Manifest{}, errs.Wrap(err, errs.Denied, "This backup is sealed to another key.", "Find the key whose public half was in use when it was made.")
	}
	if err != nil {
		return Manifest{}, damaged(err)
	}
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return Manifest{}, unwritable(err)
	}
	m, err := unpack(opened, part)
	if err != nil {
		return m, errors.Join(err, os.RemoveAll(part))
	}
	if err := errors.Join(os.Rename(part, dir), durable.SyncDir(filepath.Dir(dir))); err != nil {
		return m, unwritable(err)
	}
	return m, nil
}

// unpack writes an archive into a new folder, and compares it with its manifest.
func unpack(r io.Reader, dir string) (m Manifest, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return m, unwritable(err)
	}
	var found []File
	seen := map[string]bool{}
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return m, damaged(errors.New("it has no manifest"))
		}
		if err != nil {
			return m, damaged(err)
		}
		if h.Name == manifestName {
			return m, m.matches(archive, h.Size, found)
		}
		if !filepath.IsLocal(h.Name) || h.Typeflag != tar.TypeReg || sparse(h) || seen[h.Name] || len(found) == MaxFiles {
			return m, damaged(fmt.Errorf("%.100q cannot be in it", h.Name))
		}
		seen[h.Name] = true
		file, err := put(filepath.Join(dir, filepath.FromSlash(h.Name)), h.Name, archive)
		if err != nil {
			return m, err
		}
		found = append(found, file)
	}
}

// sparse reports whether a file is mostly holes: a small archive of those fills a
// disk. What this program writes has none.
func sparse(h *tar.Header) bool {
	for record := range h.PAXRecords {
		if strings.HasPrefix(record, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// matches reads the manifest, which is the last of an archive.
func (m *Manifest) matches(archive *tar.Reader, length int64, found []File) error {
	if length > maxManifest {
		return damaged(errors.New("its manifest is too long"))
	}
	text, err := io.ReadAll(archive)
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	switch {
	case err != nil:
		return damaged(err)
	case m.V != version:
		return errs.New(errs.Invalid, fmt.Sprintf("The backup is of format %d; this program reads %d.", m.V, version), "Use the version of Bellkeep that made it.")
	case !slices.Equal(m.Files, found):
		return damaged(errors.New("it does not hold what its manifest says"))
	}
	if _, err := archive.Next(); !errors.Is(err, io.EOF) {
		return damaged(errors.New("something stands behind its manifest"))
	}
	return nil
}

// put writes one file and gives its line for the manifest.
func put(path, name string, content io.Reader) (File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return File{}, unwritable(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return File{}, unwritable(err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), content)
	if synced := f.Sync(); err == nil {
		err = synced
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = durable.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return File{}, damaged(err)
	}
	return File{Name: name, Length: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

func damaged(cause error) error {
	return errs.Wrap(cause, errs.Invalid, "The backup is damaged or not one of Bellkeep's, and nothing was restored.", "Try an earlier one.")
}

func unwritable(cause error) error {
	return errs.Wrap(cause, errs.Unavailable, "The restored files cannot be written.", "Check the disk and its free space, and the folder's rights.")
}

package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Source is one file of a backup. With gives fn its content as it is at one moment,
// and its length in bytes; it is called once.
type Source struct {
	Name string // below the data folder, with slashes
	With func(fn func(length int64, content io.WriterTo) error) error
}

// Manifest says what is in a backup.
type Manifest struct {
	V      int       `json:"v"`
	School string    `json:"school"` // its id
	At     time.Time `json:"at"`     // when it was begun, by the machine's clock
	Files  []File    `json:"files"`
}

// File is one line of a manifest.
type File struct {
	Name   string `json:"name"`
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"` // hexadecimal
}

const (
	version      = 1
	manifestName = "MANIFEST.json"
	fileMode     = 0o600
)

// Bounds of a backup: what is read from one is believed no further.
const (
	MaxFiles    = 100_000
	maxManifest = 32 << 20 // bytes
)

// Write seals the sources to the recipients. Errors: those of the sources, of w and
// of ctx.
func Write(ctx context.Context, w io.Writer, school string, at time.Time, sources []Source, to ...age.Recipient) (Manifest, error) {
	m := Manifest{V: version, School: school, At: at.UTC()}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return m, errs.Wrap(err, errs.Invalid, "The backup cannot be sealed to that key.", "Make a key with bellkeep backup key, and name its public half.")
	}
	archive := tar.NewWriter(sealed)
	for _, s := range sources {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		file, err := add(archive, s, m.At)
		if err != nil {
			return m, fmt.Errorf("%s: %w", s.Name, err)
		}
		m.Files = append(m.Files, file)
	}
	if err := m.seal(archive); err != nil {
		return m, err
	}
	if err := archive.Close(); err != nil {
		return m, err
	}
	return m, sealed.Close()
}

func add(archive *tar.Writer, s Source, at time.Time) (File, error) {
	file := File{Name: s.Name}
	sum := sha256.New()
	err := s.With(func(length int64, content io.WriterTo) error {
		file.Length = length
		if err := archive.WriteHeader(&tar.Header{Name: s.Name, Size: length, Mode: fileMode, ModTime: at, Format: tar.FormatPAX}); err != nil {
			return err
		}
		n, err := content.WriteTo(io.MultiWriter(archive, sum))
		if err == nil && n != length {
			err = errs.New(errs.Conflict, "A file changed its length while it was read.", "Run the backup again.")
		}
		return err
	})
	file.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return file, err
}

// seal ends the archive with the manifest.
func (m Manifest) seal(archive *tar.Writer) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: manifestName, Size: int64(len(text)), Mode: fileMode, ModTime: m.At, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = archive.Write(text)
	return err
}

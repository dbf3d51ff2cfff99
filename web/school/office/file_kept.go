package office

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The limits of files that wait.
const (
	mostFiles = 8                // looked at and not used yet
	filesLast = 15 * time.Minute // machine time
)

// files are those being looked at: in memory only, each for whoever sent it.
type files struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]upload
}

type upload struct {
	account string
	date    school.Date
	text    []byte
	heading []string
	guess   attendance.Columns
	until   time.Time
}

func (f *files) keep(u upload) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil {
		f.kept = map[string]upload{}
	}
	u.until = f.now().Add(filesLast)
	for key, old := range f.kept {
		if old.account == u.account || f.now().After(old.until) { // one file at a time
			delete(f.kept, key)
		}
	}
	for oldest := ""; len(f.kept) >= mostFiles; oldest = "" {
		for key, old := range f.kept {
			if oldest == "" || old.until.Before(f.kept[oldest].until) {
				oldest = key
			}
		}
		delete(f.kept, oldest)
	}
	key := strings.ToLower(rand.Text())
	f.kept[key] = u
	return key
}

func (f *files) find(key, account string) (upload, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u, ok := f.kept[key]
	if !ok || u.account != account || f.now().After(u.until) {
		return upload{}, errs.New(errs.NotFound, "That file is not kept any more.", "Choose it again on the page of attendance.")
	}
	return u, nil
}

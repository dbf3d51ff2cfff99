package api

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/ui"
)

const (
	keyHeader = "Idempotency-Key"
	keyLasts  = 24 * time.Hour
	keySkew   = 30 * time.Second // how far a program's clock may be ahead

	// Each caller has keys of its own: nobody's many push out another's few.
	mostKeys    = 2000 // of one caller
	mostKeepers = 1000 // callers with keys: more than there are tokens and accounts at once
)

// once remembers what was done under which key; see the package comment.
type once struct {
	started time.Time
	now     func() time.Time // machine time

	mu   sync.Mutex
	kept map[string]map[string]*deed // by account, then key
}

// request is what a key stands for.
type request struct {
	method, path string
	body         []byte
}

func (r request) sum() [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s", r.method, r.path, r.body))
}

// answer is what was answered.
type answer struct {
	status int
	body   []byte
}

type deed struct {
	sum   [sha256.Size]byte
	made  time.Time // of the key
	done  bool
	given answer
	err   error
}

func newOnce(now func() time.Time) *once {
	return &once{started: now(), now: now, kept: map[string]map[string]*deed{}}
}

// do does what a request asks for, unless it was done under the key: then it
// gives the same answer. What was refused may be sent again under the same key;
// what failed inside may have been done, and is not. Errors: invalid, conflict
// while it is being done, not now for a key from before the start, too often.
func (o *once) do(account, key string, r request, do func() (answer, error)) (given answer, replayed bool, err error) {
	made, err := o.check(key)
	if err != nil {
		return answer{}, false, err
	}
	d, known, err := o.begin(account, key, &deed{sum: r.sum(), made: made})
	if err != nil || known {
		if err == nil {
			given, err = d.given, d.err
		}
		return given, known && err == nil, err
	}
	finished := false
	defer func() {
		if !finished { // it panicked: nobody knows how far it came
			o.finish(account, key, d, answer{}, errors.New("the request was broken off"))
		}
	}()
	given, err = do()
	finished = true
	o.finish(account, key, d, given, err)
	return given, false, err
}

// check gives the time that is in a key.
func (o *once) check(key string) (time.Time, error) {
	if key == "" {
		return time.Time{}, errs.At(keyHeader, "This request needs an Idempotency-Key.", "Make a UUID of version 7 for it.")
	}
	made, ok := timeOf(key)
	now := o.now()
	switch {
	case !ok:
		return made, errs.At(keyHeader, "An Idempotency-Key is a UUID of version 7, in small letters.", "RFC 9562, section 5.7, says how one is made.")
	case made.After(now.Add(keySkew)):
		return made, errs.At(keyHeader, "That key was made in the future.", "Set the clock of the computer that made it.")
	case now.Sub(made) > keyLasts:
		return made, errs.At(keyHeader, "That key is older than a day.", "Look whether the request was done, and make a new key if not.")
	case made.Before(o.started.Add(keySkew)):
		return made, errs.New(errs.NotNow, "This server has started since that key was made, and cannot know whether the request was done.",
			"Look whether it was. If not, send it again in half a minute with a new key.")
	}
	return made, nil
}

// timeOf reads the time in a UUID of version 7.
func timeOf(key string) (time.Time, bool) {
	raw, err := hex.DecodeString(strings.ReplaceAll(key, "-", ""))
	if err != nil || len(raw) != 16 || raw[6]>>4 != 7 || raw[8]>>6 != 2 ||
		key != fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(append([]byte{0, 0}, raw[:6]...)))), true
}

// begin claims the key for a deed, or finds the one it was used for.
func (o *once) begin(account, key string, fresh *deed) (d *deed, known bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d = o.kept[account][key]; d == nil {
		return fresh, false, o.claim(account, key, fresh)
	}
	switch {
	case d.sum != fresh.sum:
		return nil, true, errs.At(keyHeader, "That key was used for another request.", "Make a new key for each request.")
	case !d.done:
		return nil, true, errs.New(errs.Conflict, "That request is being done.", "Ask again in a moment.")
	}
	return d, true, nil
}

func (o *once) claim(account, key string, fresh *deed) error {
	if len(o.kept[account]) >= mostKeys {
		o.forget(account)
	}
	if o.kept[account] == nil && len(o.kept) >= mostKeepers {
		for other := range o.kept {
			o.forget(other)
		}
	}
	if len(o.kept[account]) >= mostKeys || o.kept[account] == nil && len(o.kept) >= mostKeepers {
		return errs.New(errs.TooOften, "Too many requests of the last day are remembered.", "Try again later.")
	}
	if o.kept[account] == nil {
		o.kept[account] = map[string]*deed{}
	}
	o.kept[account][key] = fresh
	return nil
}

// forget drops a caller's keys that would be refused for their age.
func (o *once) forget(account string) {
	for key, d := range o.kept[account] {
		if d.done && o.now().Sub(d.made) > keyLasts {
			o.drop(account, key)
		}
	}
}

func (o *once) drop(account, key string) {
	delete(o.kept[account], key)
	if len(o.kept[account]) == 0 {
		delete(o.kept, account)
	}
}

// finish remembers what came of a deed.
func (o *once) finish(account, key string, d *deed, given answer, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d.done, d.given, d.err = true, given, err
	if err != nil && ui.ProblemOf(err).Status < http.StatusInternalServerError {
		o.drop(account, key)
	}
}

package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// The limits of a set: one fits into one record of a ledger, with two assertions
// beside it.
const (
	MaxSet     = 9 << 10 // bytes of its JSON
	MaxKeys    = 12
	MaxID      = 128 // bytes of a credential's id
	MaxPublic  = 600 // bytes of a key
	MaxOrigins = 4
	maxName    = 253 // bytes of a host's name, RFC 1035
)

// Key is one person's passkey: the public half.
type Key struct {
	ID     []byte `json:"id"`     // of the credential
	Public []byte `json:"public"` // COSE key
	Person string `json:"person"` // whose it is
}

// Name is the id as text, for lists.
func (k Key) Name() string { return base64.RawURLEncoding.EncodeToString(k.ID) }

// Set are the keys of those who may approve, and the site they are for. The zero
// value has none.
type Set struct {
	Site    string   `json:"site,omitempty"`    // name that passkeys are for
	Origins []string `json:"origins,omitempty"` // of pages that may ask for them
	Keys    []Key    `json:"keys,omitempty"`    // by person, then id
}

// Empty reports whether there is no key.
func (s Set) Empty() bool { return len(s.Keys) == 0 }

// People are those who have a key, each once.
func (s Set) People() []string {
	var list []string
	for _, k := range s.Keys {
		list = append(list, k.Person)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Find finds a key by the id of its credential.
func (s Set) Find(id []byte) (Key, bool) {
	i := slices.IndexFunc(s.Keys, func(k Key) bool { return bytes.Equal(k.ID, id) })
	if i < 0 {
		return Key{}, false
	}
	return s.Keys[i], true
}

// Sorted is the set in its one order.
func (s Set) Sorted() Set {
	s.Keys = slices.Clone(s.Keys)
	slices.SortFunc(s.Keys, func(a, b Key) int {
		if c := strings.Compare(a.Person, b.Person); c != 0 {
			return c
		}
		return bytes.Compare(a.ID, b.ID)
	})
	return s
}

// Check refuses a set that no bank takes. Errors: plain ones.
func (s Set) Check() error {
	switch {
	case len(s.Keys) == 0 || len(s.Keys) > MaxKeys:
		return fmt.Errorf("a set has 1 to %d keys, not %d", MaxKeys, len(s.Keys))
	case s.Site == "" || len(s.Site) > maxName || len(s.Origins) == 0 || len(s.Origins) > MaxOrigins:
		return fmt.Errorf("a set is for one site of 1 to %d origins", MaxOrigins)
	}
	for _, o := range s.Origins {
		if !originOf(s.Site, o) {
			return fmt.Errorf("%.80q is no page of %.80q", o, s.Site)
		}
	}
	seen := map[string]bool{}
	for _, k := range s.Keys {
		switch {
		case !school.Known(k.Person) || !school.ValidID(k.Person):
			return fmt.Errorf("a key belongs to nobody of the register: %.40q", k.Person)
		case len(k.ID) == 0 || len(k.ID) > MaxID || seen[string(k.ID)]:
			return fmt.Errorf("a key of %s has no id of its own", k.Person)
		}
		if _, err := parseKey(k.Public); err != nil {
			return fmt.Errorf("a key of %s: %w", k.Person, err)
		}
		seen[string(k.ID)] = true
	}
	if data, err := json.Marshal(s); err != nil || len(data) > MaxSet {
		return fmt.Errorf("a set has at most %d bytes, not %d", MaxSet, len(data))
	}
	return nil
}

func originOf(site, origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && len(origin) <= maxName+16 && (u.Scheme == "https" || u.Scheme == "http") && u.Scheme+"://"+u.Host == origin &&
		(u.Hostname() == site || strings.HasSuffix(u.Hostname(), "."+site))
}

// Fingerprint is short enough for two people to read to each other: 60 bits of the
// set's SHA-256 in three groups of four letters and digits. Page and bank show the
// same for the same set.
func (s Set) Fingerprint() string {
	if s.Empty() {
		return ""
	}
	text := strings.ToUpper(s.ID())
	return text[:4] + "-" + text[4:8] + "-" + text[8:12]
}

// ID names the set, and no other that anybody could find: 160 bits of its SHA-256.
// A wish to make it the set that a bank knows is for that id.
func (s Set) ID() string {
	data, err := json.Marshal(s.Sorted())
	if err != nil {
		return "" // strings and bytes only: it never fails
	}
	sum := sha256.Sum256(data)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
}

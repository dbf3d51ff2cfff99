package roster

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// KindListed is the record that a person is on the roll: an id, and a
// commitment to the name and form that only the vault knows.
const KindListed = "person-listed"

// Personal is what the vault keeps of a person.
type Personal struct {
	Name string `json:"name"`
	Form string `json:"form"`
}

// Vault keeps personal content under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// Log is the school's ledger.
type Log interface {
	ledger.Appender
	ledger.Reader
}

// listed is the body of a KindListed record.
type listed struct {
	Person     string           `json:"person"`
	Content    string           `json:"content"` // id in the vault
	Commitment vault.Commitment `json:"commitment"`
}

// Register brings the vault and the school's ledger up to the roll and returns
// what the vault now knows of everybody ever listed. Names go to the vault
// first: a crash in between leaves content nobody refers to, never a
// commitment to nothing.
func Register(ctx context.Context, roll []Pupil, v Vault, log Log, stamp ledger.Stamp) (map[string]Personal, error) {
	known, err := registered(ctx, v, log)
	if err != nil {
		return nil, err
	}
	var entries []ledger.Entry
	for _, p := range roll {
		now := Personal{p.Name, p.Form}
		if known[p.ID] == now {
			continue
		}
		entry, err := list(ctx, v, p.ID, now, stamp)
		if err != nil {
			return nil, err
		}
		entries, known[p.ID] = append(entries, entry), now
	}
	for len(entries) > 0 {
		n := min(len(entries), ledger.MaxEntries)
		if _, err := log.Append(ctx, entries[:n]...); err != nil {
			return nil, err
		}
		entries = entries[n:]
	}
	return known, nil
}

func list(ctx context.Context, v Vault, person string, content Personal, stamp ledger.Stamp) (ledger.Entry, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return ledger.Entry{}, err
	}
	l := listed{Person: person, Content: "person-" + strings.ToLower(rand.Text())}
	if l.Commitment, err = v.Put(ctx, l.Content, data); err != nil {
		return ledger.Entry{}, err
	}
	body, err := json.Marshal(l)
	return ledger.Entry{Kind: KindListed, Stamp: stamp, Body: body}, err
}

// registered reads what is known so far. Content that was erased is no longer
// known.
func registered(ctx context.Context, v Vault, log Log) (map[string]Personal, error) {
	known := map[string]Personal{}
	err := log.Read(ctx, 0, func(r ledger.Record) error {
		if r.Kind != KindListed {
			return nil
		}
		var l listed
		if err := json.Unmarshal(r.Body, &l); err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
		data, err := v.Get(ctx, l.Content)
		if errs.CodeOf(err) == errs.NotFound {
			delete(known, l.Person)
			return nil
		}
		if err != nil {
			return err
		}
		var p Personal
		if err := json.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
		known[l.Person] = p
		return nil
	})
	return known, err
}

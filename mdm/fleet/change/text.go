package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/mdm"
)

const (
	// maxPart is how much of a text one record holds, in bytes. As JSON within
	// JSON each may be seven, and a record holds 16 KiB.
	maxPart  = 2 << 10
	maxParts = 100 // of one text
)

// text is rules as they are written down, until they are whole: then they are read.
type text struct {
	parts []string
	rules *mdm.Rules
}

type textPart struct {
	Sum  string `json:"sum"` // of the whole text
	Part int    `json:"part"`
	Of   int    `json:"of"`
	Text string `json:"text"`
}

// write gives rules as text, and its digest.
func write(r mdm.Rules) (data []byte, sum string, err error) {
	if data, err = json.Marshal(r); err != nil {
		return nil, "", errs.Wrap(err, errs.Invalid, "The rules cannot be written down.", "")
	}
	if len(data) > maxPart*(maxParts-1) {
		return nil, "", errs.New(errs.Invalid, fmt.Sprintf("The rules are longer than %d KiB.", maxPart*(maxParts-1)>>10), "Shorten lists, or take out what is not used.")
	}
	return data, digest(data), nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// texts are the records that put rules on the ledger, none if they stand there.
func (b *Book) textOf(r mdm.Rules, stamp ledger.Stamp) (sum string, entries []ledger.Entry, err error) {
	data, sum, err := write(r)
	if err != nil || b.known(sum) {
		return sum, nil, err
	}
	parts := cut(string(data), maxPart)
	for n, part := range parts {
		e, err := ledger.NewEntry(KindText, stamp, textPart{sum, n + 1, len(parts), part})
		if err != nil {
			return "", nil, err
		}
		entries = append(entries, e)
	}
	return sum, entries, nil
}

func (b *Book) known(sum string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.texts[sum]
	return t != nil && t.rules != nil
}

// cut takes text apart into pieces of at most so many bytes, between letters.
func cut(text string, most int) (parts []string) {
	for len(text) > most {
		end := most
		for !utf8.RuneStart(text[end]) {
			end--
		}
		parts, text = append(parts, text[:end]), text[end:]
	}
	return append(parts, text)
}

func (b *Book) takeText(p textPart) error {
	t := b.texts[p.Sum]
	if p.Part == 1 && (t == nil || t.rules == nil) { // what came before was cut short
		t = &text{}
		b.texts[p.Sum] = t
	}
	if t == nil || t.rules != nil || p.Part != len(t.parts)+1 || p.Of < p.Part || p.Of > maxParts {
		return misfit("part %d of %d of a text is out of order", p.Part, p.Of)
	}
	if t.parts = append(t.parts, p.Text); p.Part < p.Of {
		return nil
	}
	whole := strings.Join(t.parts, "")
	var r mdm.Rules
	if digest([]byte(whole)) != p.Sum || json.Unmarshal([]byte(whole), &r) != nil {
		return misfit("a text is not what its digest says")
	}
	t.parts, t.rules = nil, &r
	return r.Validate()
}

// read gives the rules of a text that is whole.
func (b *Book) read(sum string) (mdm.Rules, error) {
	t := b.texts[sum]
	if t == nil || t.rules == nil {
		return mdm.Rules{}, misfit("the rules %.40q do not stand before it", sum)
	}
	return *t.rules, nil
}

func misfit(format string, args ...any) error {
	return errs.New(errs.Invalid, "It does not fit what stands before it: "+fmt.Sprintf(format, args...)+".", "")
}

package kit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// A form that comes when its session has ended loses no text: what was typed
// waits under a random key until its writer has signed in again. The page is
// then shown with it, and is sent anew by a person.
const (
	draftField = "draft"
	asField    = "as" // hidden in every form: a mark of the account that was shown it
	draftLasts = 15 * time.Minute
	mostDrafts = 256      // of all accounts
	mostOwn    = 8        // of one; its oldest gives way
	maxDraft   = 16 << 10 // bytes of a form kept
)

type draft struct {
	account, path string
	values        url.Values
	until         time.Time
	step          bool // its writer is still at it; see Steps
}

type drafts struct {
	secret []byte // of marks; of this run only
	mu     sync.Mutex
	kept   map[string]draft
}

// mark is an account's name in a form, signed: whoever is not signed in cannot
// put words into somebody else's forms.
func (d *drafts) mark(account string) string {
	mac := hmac.New(sha256.New, d.secret)
	mac.Write([]byte(account))
	return account + "." + hex.EncodeToString(mac.Sum(nil)[:16])
}

// marked is the account of a mark, or "".
func (d *drafts) marked(mark string) string {
	account, _, _ := strings.Cut(mark, ".")
	if account == "" || !hmac.Equal([]byte(d.mark(account)), []byte(mark)) {
		return ""
	}
	return account
}

// KeepDraft keeps what was posted for the page at address, and gives the address
// that shows it again. What is not kept leaves it as it is.
func (k *Kit) KeepDraft(c echo.Context, address string) string {
	r := c.Request()
	if r.ContentLength > maxDraft || r.ParseForm() != nil {
		return address
	}
	account := k.drafts.marked(r.PostForm.Get(asField))
	if account == "" || len(r.PostForm.Encode()) > 3*maxDraft { // escaped, a byte may be three
		return address
	}
	page, err := url.Parse(address)
	if err != nil {
		return address
	}
	values := url.Values{}
	if earlier, ok := k.drafts.of(page.Query().Get(draftField), account, page.Path); ok { // of a form in steps
		values = earlier.values
	}
	maps.Copy(values, typed(r.PostForm))
	key := k.drafts.keep(draft{account: account, path: page.Path, values: values, until: time.Now().Add(draftLasts)})
	if key == "" {
		return address
	}
	query := page.Query()
	query.Set(draftField, key)
	page.RawQuery = query.Encode()
	return page.RequestURI()
}

// typed is what of a form is kept.
func typed(form url.Values) url.Values {
	values := maps.Clone(form)
	maps.DeleteFunc(values, func(name string, _ []string) bool { return name == onceField || name == asField || secret(name) })
	return values
}

// secret reports whether a field is never kept: what is a secret is typed again.
func secret(field string) bool {
	return slices.Contains([]string{"password", "again", "passkey", "ceremony"}, field)
}

func (d *drafts) keep(kept draft) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil {
		d.kept = map[string]draft{}
	}
	own, oldest := 0, ""
	for key, old := range d.kept {
		if time.Now().After(old.until) {
			delete(d.kept, key)
			continue
		}
		if old.account == kept.account {
			if own++; oldest == "" || old.until.Before(d.kept[oldest].until) {
				oldest = key
			}
		}
	}
	if own >= mostOwn {
		delete(d.kept, oldest)
	}
	if len(d.kept) >= mostDrafts {
		return ""
	}
	key := rand.Text()
	d.kept[key] = kept
	return key
}

// of is the draft under a key, if it is an account's own for a page.
func (d *drafts) of(key, account, path string) (draft, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, ok := d.kept[key]
	if !ok || kept.account != account || kept.path != path || time.Now().After(kept.until) {
		return draft{}, false
	}
	kept.values = maps.Clone(kept.values)
	return kept, true
}

// draft is what the same person typed on this page before.
func (k *Kit) draft(c echo.Context) (draft, bool) {
	return k.drafts.of(c.QueryParam(draftField), k.Who(c).Account, c.Request().URL.Path)
}

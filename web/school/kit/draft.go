package kit

import (
	"crypto/rand"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// A form that comes when its session has ended loses no text: what was typed
// waits under a random key until its writer has signed in again. The page is
// then shown with it, and is sent anew by a person.
const (
	draftField = "draft"
	asField    = "as" // hidden in every form: the account that was shown it
	draftLasts = 15 * time.Minute
	mostDrafts = 256
	maxDraft   = 16 << 10 // bytes of a form kept
)

type draft struct {
	account, path string
	values        url.Values
	until         time.Time
}

type drafts struct {
	mu   sync.Mutex
	kept map[string]draft
}

// KeepDraft keeps what was posted for the page at address, and gives the address
// that shows it again. What is not kept leaves it as it is.
func (k *Kit) KeepDraft(c echo.Context, address string) string {
	r := c.Request()
	if r.ContentLength > maxDraft || r.ParseForm() != nil || len(r.PostForm) == 0 || r.PostForm.Get(asField) == "" {
		return address
	}
	page, err := url.Parse(address)
	if err != nil {
		return address
	}
	values := url.Values{}
	for name, v := range r.PostForm {
		if name != onceField && !secret(name) {
			values[name] = v
		}
	}
	key := k.drafts.keep(draft{account: r.PostForm.Get(asField), path: page.Path, values: values, until: time.Now().Add(draftLasts)})
	if key == "" {
		return address
	}
	query := page.Query()
	query.Set(draftField, key)
	page.RawQuery = query.Encode()
	return page.RequestURI()
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
	for key, old := range d.kept {
		if time.Now().After(old.until) {
			delete(d.kept, key)
		}
	}
	if len(d.kept) >= mostDrafts {
		return ""
	}
	key := rand.Text()
	d.kept[key] = kept
	return key
}

// draft is what the same person typed on this page before.
func (k *Kit) draft(c echo.Context, account string) (url.Values, bool) {
	k.drafts.mu.Lock()
	defer k.drafts.mu.Unlock()
	d, ok := k.drafts.kept[c.QueryParam(draftField)]
	if !ok || d.account != account || d.path != c.Request().URL.Path || time.Now().After(d.until) {
		return nil, false
	}
	return d.values, true
}

package kit

import (
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/labstack/echo/v4"
)

// A long form is asked in steps: pages at one address, told apart by what follows
// the question mark. The answers so far are a draft, and nothing of them stands in
// the address but its key, which is of use to their writer alone.
const (
	stepField = "step"
	stepLasts = time.Hour // for thinking about one step
)

var (
	errTooMuch = errs.New(errs.Invalid, "That is too long to be kept.", "Write less.")
	errTooMany = errs.New(errs.TooOften, "Too many people are filling in forms.", "Send it again in a few minutes.")
)

// Steps are the pages of one form.
type Steps struct {
	Now       string // the step that the request is about; "" for none
	path, key string
}

// StepsOf are those of the form that a request is about.
func StepsOf(c echo.Context) Steps {
	return Steps{c.QueryParam(stepField), c.Request().URL.Path, c.QueryParam(draftField)}
}

// At is the address of a step.
func (s Steps) At(step string) string {
	query := url.Values{stepField: {step}}
	if s.key != "" {
		query.Set(draftField, s.key)
	}
	to := url.URL{Path: s.path, RawQuery: query.Encode()}
	return to.RequestURI()
}

// Answers are those of the steps before; empty when there are none, or none any
// more.
func (k *Kit) Answers(c echo.Context) url.Values {
	if kept, ok := k.draft(c); ok {
		return kept.values
	}
	return url.Values{}
}

// KeepAnswers keeps the answers so far, and gives the steps that have them. Errors:
// invalid when they are too long, too_often while too many forms are kept.
func (k *Kit) KeepAnswers(c echo.Context, answers url.Values) (Steps, error) {
	values := typed(answers)
	if len(values.Encode()) > 3*maxDraft {
		return Steps{}, errTooMuch
	}
	s := StepsOf(c)
	s.key = k.drafts.renew(s.key, draft{account: k.Who(c).Account, path: s.path, values: values, until: time.Now().Add(stepLasts), step: true})
	if s.key == "" {
		return Steps{}, errTooMany
	}
	return s, nil
}

// DropAnswers forgets them: they have been sent.
func (k *Kit) DropAnswers(c echo.Context) {
	if _, ok := k.draft(c); ok {
		k.drafts.drop(c.QueryParam(draftField))
	}
}

// renew puts a draft in the place of its writer's older one of that page, or keeps
// it under a new key. It gives the key, "" when there is no room.
func (d *drafts) renew(key string, fresh draft) string {
	if _, ok := d.of(key, fresh.account, fresh.path); !ok {
		return d.keep(fresh)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept[key] = fresh
	return key
}

func (d *drafts) drop(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.kept, key)
}

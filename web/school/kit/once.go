package kit

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/labstack/echo/v4"
)

// A form carries a random key; what it asks for is done once under that key,
// however often it is sent. The second answer leads where the first one did.
const (
	onceField = "once"
	onceLasts = time.Hour
	fileLasts = time.Minute
	mostOnce  = 1024
)

type deed struct {
	mu    sync.Mutex // held while it is being done
	next  string     // where it led; "" while it has not been done
	made  bool       // its file was
	file  []byte     // for a while
	until time.Time
}

type once struct {
	mu    sync.Mutex
	deeds map[string]*deed
}

func (o *once) of(key string) *deed {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.deeds == nil {
		o.deeds = map[string]*deed{}
	}
	if d := o.deeds[key]; d != nil {
		return d
	}
	o.forget()
	d := &deed{until: time.Now().Add(onceLasts)}
	o.deeds[key] = d
	return d
}

// forget makes room: of what is old, else of what is oldest.
func (o *once) forget() {
	oldest := ""
	for key, d := range o.deeds {
		switch {
		case time.Now().After(d.until):
			delete(o.deeds, key)
		case oldest == "" || d.until.Before(o.deeds[oldest].until):
			oldest = key
		}
	}
	if len(o.deeds) >= mostOnce {
		delete(o.deeds, oldest)
	}
}

// Do does what a form asks for, once, and leads to the page it gives. An error
// is not remembered: the corrected form may be sent under the same key.
func (k *Kit) Do(c echo.Context, f *Form, do func() (next string, err error)) error {
	d := k.once.of(k.Who(c).Account + " " + c.Request().URL.Path + " " + f.Once)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next == "" {
		next, err := do()
		if err != nil {
			return err
		}
		d.next = next
	}
	return c.Redirect(http.StatusSeeOther, d.next)
}

// Make gives the file that a form asks for and that is made once, such as one with
// secrets. A browser shows only its answer to the last press of a button, so that one
// gets the same file; after a minute nothing keeps it any more. The same form filled
// in otherwise asks for another file. An error is not remembered. Errors: conflict
// once the file is gone; those of do.
func (k *Kit) Make(c echo.Context, f *Form, do func() ([]byte, error)) ([]byte, error) {
	asked := sha256.Sum256([]byte(f.Values.Encode()))
	d := k.once.of(k.Who(c).Account + " " + c.Request().URL.Path + " " + f.Once + " " + string(asked[:]))
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.made {
		file, err := do()
		if err != nil {
			return nil, err
		}
		d.made, d.file = true, file
		time.AfterFunc(fileLasts, d.forgetFile)
	}
	if d.file == nil {
		return nil, errs.New(errs.Conflict, "That was made already, and its file is not kept.", "Look among your downloads. To make another, open the page again.")
	}
	return d.file, nil
}

func (d *deed) forgetFile() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.file = nil
}

package cases

import (
	"net/url"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/labstack/echo/v4"
)

// subject is a device that a door is opened for: by its case, or by itself where
// it has none, as what was found.
type subject struct {
	File desk.Case // zero for none
	Item desk.Item
	Name string // of the page about it
	Base string // address of what is done about it
	Back string // address of the page about it
}

var errNoItem = errs.New(errs.NotFound, "There is no such device at the desk.", "Look at the list of devices at the desk.")

// subject finds the device in the path. One that has a case, or that staff put in
// at a bank, is reached by its case alone: that may be restricted.
func (o *pages) subject(c echo.Context) (subject, error) {
	if c.Param("case") != "" {
		file, item, err := o.outside(c)
		s := subject{File: file, Item: item, Name: o.pupil(file.Whose), Base: "/cases/" + file.ID, Back: "/cases/" + file.ID}
		if o.restricted(c, file) {
			s.Name = "Restricted device"
		}
		return s, err
	}
	item, err := o.Custody.Item(c.Param("item"))
	if err != nil || item.Case != "" || item.Why == desk.PutInAtBank {
		return subject{}, errNoItem
	}
	id := url.PathEscape(item.ID)
	s := subject{Item: item, Name: "A device without an owner", Base: "/item/" + id, Back: "/desk/" + id}
	switch {
	case item.Why == desk.OfVisitor:
		s.Name, s.Back = "A visitor’s device", "/visitors/device/"+id
	case item.Whose != "":
		s.Name = o.pupil(item.Whose)
	}
	return s, nil
}

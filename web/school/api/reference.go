package api

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

//go:embed templates
var templateFiles embed.FS

// reference is the page on which people read what programs can ask for. It is made
// from the table, as the description for machines is.
type reference struct {
	About      string
	Operations []referred
}

// referred is one operation for a reader.
type referred struct {
	Method, Path, Summary, Words string
	Query                        []queried
	Example                      string // a body as JSON; "" for none
}

type queried struct{ Name, About string }

// referenceOf describes operations to people. It fails only when what is compiled
// in is broken.
func referenceOf(operations []operation) (reference, error) {
	page := reference{About: aboutAll}
	for _, o := range operations {
		line := referred{Method: o.method, Path: base + described(o.path), Summary: o.summary, Words: o.words()}
		for _, p := range o.query {
			line.Query = append(line.Query, queried{p.name, p.about})
		}
		if o.in != nil {
			text, err := json.MarshalIndent(o.example, "", "  ")
			if err != nil {
				return page, err
			}
			line.Example = string(text)
		}
		page.Operations = append(page.Operations, line)
	}
	return page, nil
}

// readers are the page and its templates.
func (a *api) readers(operations []operation) (kit.Route, fs.FS, error) {
	page, err := referenceOf(operations)
	if err != nil {
		return kit.Route{}, nil, err
	}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Get("/programs/reference", roles.UseAPI, func(c echo.Context) error {
		return a.Page(c, http.StatusOK, "api", "What programs can ask for", page)
	}), templates, err
}

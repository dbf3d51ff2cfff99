package ui

import (
	"bytes"
	"html/template"
	"net/http"
	"time"
)

// Funcs gives templates the address of an asset and times as people read them.
func Funcs(a *Assets) template.FuncMap {
	return template.FuncMap{
		"asset": a.URL,
		"clock": func(t time.Time) string { return t.Format("15:04:05") },
		"day":   func(t time.Time) string { return t.Format("Monday 2 January 2006") },
	}
}

// Page renders the named template in full before the first byte leaves, so that
// a fault in it becomes an error page and not half a page.
func Page(w http.ResponseWriter, status int, t *template.Template, name string, data any) error {
	text, err := Text(t, name, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write([]byte(text))
	return err
}

// Text renders the named template.
func Text(t *template.Template, name string, data any) (string, error) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return b.String(), nil
}

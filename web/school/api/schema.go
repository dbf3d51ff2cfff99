package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// schema is a JSON Schema (2020-12) as OpenAPI 3.1 uses them.
type schema struct {
	Ref         string             `json:"$ref,omitempty"`
	Type        string             `json:"type,omitempty"`
	Format      string             `json:"format,omitempty"`
	Description string             `json:"description,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  *bool              `json:"additionalProperties,omitempty"` // nil: as JSON Schema has it, any

	from reflect.Type // of a component
}

// schemas are those of named types, as components.
type schemas map[string]*schema

const componentRef = "#/components/schemas/"

// of is the schema of a Go type as encoding/json writes it: of structs, slices,
// text, numbers and moments. A field's description and choices are in its doc and
// enum tags. It fails for any other type.
func (s schemas) of(t reflect.Type) (*schema, error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}, nil
	case t == reflect.TypeFor[json.RawMessage]():
		return &schema{}, nil // anything
	case t.Kind() == reflect.Struct:
		return s.component(t)
	case t.Kind() == reflect.Slice:
		items, err := s.of(t.Elem())
		return &schema{Type: "array", Items: items}, err
	case t.Kind() == reflect.String:
		return &schema{Type: "string"}, nil
	case t.Kind() == reflect.Bool:
		return &schema{Type: "boolean"}, nil
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return &schema{Type: "integer"}, nil
	}
	return nil, fmt.Errorf("%s has no schema", t)
}

// component describes a named struct once.
func (s schemas) component(t reflect.Type) (*schema, error) {
	ref := &schema{Ref: componentRef + t.Name()}
	if known := s[t.Name()]; known != nil {
		if known.from != t {
			return nil, fmt.Errorf("%s and %s have one name", known.from, t)
		}
		return ref, nil
	}
	closed := false
	object := &schema{Type: "object", Properties: map[string]*schema{}, Additional: &closed, from: t}
	s[t.Name()] = object
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue // its own fields are visible too
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		field, err := s.of(f.Type)
		if err != nil {
			return nil, err
		}
		field.Description = f.Tag.Get("doc")
		if choices := f.Tag.Get("enum"); choices != "" {
			field.Enum = strings.Split(choices, ",")
		}
		object.Properties[name] = field
		if !strings.Contains(options, "omit") {
			object.Required = append(object.Required, name)
		}
	}
	return ref, nil
}

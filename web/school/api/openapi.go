package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// document is an OpenAPI 3.1 description, as far as this API needs one.
type document struct {
	OpenAPI    string                        `json:"openapi"`
	Info       info                          `json:"info"`
	Servers    []server                      `json:"servers"`
	Paths      map[string]map[string]*action `json:"paths"` // by path, then method
	Components components                    `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type server struct {
	URL string `json:"url"`
}

type action struct {
	ID         string                `json:"operationId"`
	Summary    string                `json:"summary"`
	About      string                `json:"description"`
	Security   []map[string][]string `json:"security"`
	Parameters []value               `json:"parameters,omitempty"`
	Body       *content              `json:"requestBody,omitempty"`
	Responses  map[string]content    `json:"responses"`
}

type value struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema"`
}

type content struct {
	Description string           `json:"description,omitempty"`
	Required    bool             `json:"required,omitempty"`
	Content     map[string]media `json:"content"`
}

type media struct {
	Schema  *schema `json:"schema"`
	Example any     `json:"example,omitempty"`
}

type components struct {
	Schemas  schemas             `json:"schemas"`
	Security map[string]security `json:"securitySchemes"`
}

type security struct {
	Type        string `json:"type"`
	Scheme      string `json:"scheme,omitempty"` // with http
	In          string `json:"in,omitempty"`     // with apiKey, and Name
	Name        string `json:"name,omitempty"`
	Description string `json:"description"`
}

const aboutAll = "What the pages show, for programs. Each operation names the permission that its token needs. " +
	"Failures are problem documents (RFC 9457). Whatever changes something needs an Idempotency-Key: a UUID of version 7, made for " +
	"this request; the same request under the same key is done once and answered alike for 24 hours. " +
	"After a start of the server a key made before it is refused with 409: look whether the request was done. " +
	"No program opens a door or releases a device: operations without the scheme token are for people, with their session."

// describe writes the description of operations.
func describe(school string, operations []operation) ([]byte, error) {
	d := document{OpenAPI: "3.1.0", Info: info{"Bellkeep at " + school, "1", aboutAll}, Servers: []server{{base}},
		Paths: map[string]map[string]*action{}, Components: components{schemas{}, map[string]security{
			byToken:   {Type: "http", Scheme: "bearer", Description: "A token that IT makes on the page of programs."},
			bySession: {Type: "apiKey", In: "cookie", Name: "__Host-bellkeep", Description: "The session of somebody who has signed in on a page."},
		}}}
	for _, o := range operations {
		about, err := d.action(o)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.method, o.path, err)
		}
		path := described(o.path)
		if d.Paths[path] == nil {
			d.Paths[path] = map[string]*action{}
		}
		d.Paths[path][strings.ToLower(o.method)] = about
	}
	return json.MarshalIndent(d, "", "  ")
}

func (d document) action(o operation) (*action, error) {
	out, err := d.Components.Schemas.of(o.out)
	if err != nil {
		return nil, err
	}
	problem, err := d.Components.Schemas.of(reflect.TypeFor[ui.Problem]())
	if err != nil {
		return nil, err
	}
	a := &action{ID: operationID(o), Summary: o.summary, About: o.words(), Security: o.security(),
		Responses: map[string]content{
			strconv.Itoa(o.status): {Description: "Done", Content: map[string]media{"application/json": {Schema: out}}},
			"default":              {Description: "Not done", Content: map[string]media{"application/problem+json": {Schema: problem}}},
		}}
	for _, m := range inPath.FindAllStringSubmatch(o.path, -1) {
		a.Parameters = append(a.Parameters, value{Name: m[1], In: "path", Required: true, Schema: &schema{Type: "string"}})
	}
	for _, p := range o.query {
		a.Parameters = append(a.Parameters, value{Name: p.name, In: "query", Description: p.about, Schema: &schema{Type: p.kind}})
	}
	if o.method != http.MethodGet {
		a.Parameters = append(a.Parameters, value{Name: keyHeader, In: "header", Required: true, Schema: &schema{Type: "string", Format: "uuid"}})
	}
	if o.in != nil {
		in, err := d.Components.Schemas.of(o.in)
		if err != nil {
			return nil, err
		}
		a.Body = &content{Required: true, Content: map[string]media{"application/json": {in, o.example}}}
	}
	return a, nil
}

// The schemes by which a request says who sends it.
const byToken, bySession = "token", "session"

// forPrograms reports whether a token can ever reach the operation.
func (o operation) forPrograms() bool {
	return o.callers != kit.ForPeople && slices.Contains(tokens.Scopes(), o.permission)
}

// security names the permission under each scheme that reaches the operation.
func (o operation) security() (list []map[string][]string) {
	if o.forPrograms() {
		list = append(list, map[string][]string{byToken: {string(o.permission)}})
	}
	if o.callers != kit.ForPrograms {
		list = append(list, map[string][]string{bySession: {string(o.permission)}})
	}
	return list
}

// words says who may.
func (o operation) words() string {
	text := "Needs the permission " + string(o.permission) + "."
	if !o.forPrograms() {
		text += " For people, not for programs."
	}
	if roles.Table[o.permission].StepUp {
		text += " They have proved who they are, at " + kit.ProvePath + ", within the last five minutes."
	}
	return text
}

var inPath = regexp.MustCompile(`:([a-z]+)`)

// described is a path as OpenAPI writes it: /people/{id}.
func described(path string) string { return inPath.ReplaceAllString(path, "{$1}") }

// operationID is a name for a function of a client: get-people-id.
func operationID(o operation) string {
	return strings.ToLower(o.method) + strings.ReplaceAll(strings.ReplaceAll(o.path, ":", ""), "/", "-")
}

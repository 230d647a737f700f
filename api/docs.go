package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/fault"
)

// The document as a page that a person can read: made of the document itself, without script and without foreign hosts.

var (
	//go:embed docs.html
	docsText string
	//go:embed docs.css
	docsStyle string

	docsTemplate = template.Must(template.New("docs").Parse(docsText))
	docsPolicy   = "default-src 'none'; style-src 'sha256-" + hashOfStyle() + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func hashOfStyle() string {
	sum := sha256.Sum256([]byte(docsStyle))
	return base64.StdEncoding.EncodeToString(sum[:])
}

type docsPage struct {
	Title, Version string
	Intro          []string
	Style          template.CSS
	Groups         []docsGroup
	Schemas        []docsSchema
	Faults         []docsFault
}

type docsGroup struct {
	Tag        string
	Operations []docsOperation
}

type docsOperation struct {
	Name, Method, Path, Title, Words string
	Params                           []docsField
	Body                             docsType
	Responses                        []docsResponse
}

type docsField struct {
	Name, In, Words string
	Required        bool
	Type            docsType
}

// docsType is a type in words; Link names its schema on the page.
type docsType struct{ Text, Link string }

type docsResponse struct {
	Status, Words string
	Type          docsType
}

type docsSchema struct {
	Name   string
	Fields []docsField
}

type docsFault struct {
	Code, Title string
	Status      int
}

func (s *Server) docsPage() ([]byte, error) {
	spec := s.huma.OpenAPI()
	p := docsPage{
		Title: spec.Info.Title, Version: spec.Info.Version, Intro: strings.Split(spec.Info.Description, "\n\n"),
		Style: template.CSS(docsStyle), // our own file
	}
	for i := range s.list {
		r := &s.list[i]
		tag := tagOf(r)
		at := slices.IndexFunc(p.Groups, func(g docsGroup) bool { return g.Tag == tag })
		if at < 0 {
			at = len(p.Groups)
			p.Groups = append(p.Groups, docsGroup{Tag: tag})
		}
		p.Groups[at].Operations = append(p.Groups[at].Operations, describeOperation(r, operationAt(spec, r)))
	}
	schemas := spec.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		p.Schemas = append(p.Schemas, docsSchema{name, describeFields(schemas[name])})
	}
	for _, f := range fault.All() {
		p.Faults = append(p.Faults, docsFault{f.Code, f.Title, Status(f)})
	}
	var out bytes.Buffer
	if err := docsTemplate.Execute(&out, p); err != nil {
		return nil, fmt.Errorf("api: docs page: %w", err)
	}
	return out.Bytes(), nil
}

func operationAt(spec *huma.OpenAPI, r *Route) *huma.Operation {
	item := spec.Paths[r.Path]
	return map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete}[r.Method]
}

func describeOperation(r *Route, op *huma.Operation) docsOperation {
	d := docsOperation{Name: r.Name, Method: r.Method, Path: r.Path, Title: r.Title, Words: op.Description}
	for _, param := range op.Parameters {
		d.Params = append(d.Params, docsField{param.Name, param.In, param.Description, param.Required, describeType(param.Schema)})
	}
	if op.RequestBody != nil {
		d.Body = describeContent(op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		response := op.Responses[status]
		words := response.Description
		if code, err := strconv.Atoi(status); err == nil && response.Ref != "" {
			words = problemWords[code]
		}
		d.Responses = append(d.Responses, docsResponse{status, words, describeContent(response.Content)})
	}
	return d
}

func describeContent(content map[string]*huma.MediaType) docsType {
	if body, ok := content["application/json"]; ok {
		return describeType(body.Schema)
	}
	return docsType{Text: strings.Join(slices.Sorted(maps.Keys(content)), ", ")}
}

func describeFields(s *huma.Schema) []docsField {
	var fields []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name]
		fields = append(fields, docsField{Name: name, Words: property.Description, Required: slices.Contains(s.Required, name), Type: describeType(property)})
	}
	return fields
}

// describeType writes a schema in a few words: string date, list of Item, integer 1–100.
func describeType(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{}
	case s.Ref != "":
		name := strings.TrimPrefix(s.Ref, schemaPrefix)
		return docsType{Text: name, Link: name}
	case s.Type == huma.TypeArray:
		of := describeType(s.Items)
		return docsType{Text: "list of " + of.Text, Link: of.Link}
	}
	if len(s.OneOf) == 2 {
		return docsType{Text: describeType(s.OneOf[0]).Text + " or " + describeType(s.OneOf[1]).Text}
	}
	text := strings.TrimSpace(s.Type + " " + s.Format)
	if extra, ok := s.AdditionalProperties.(*huma.Schema); ok {
		of := describeType(extra)
		return docsType{Text: "map of " + of.Text, Link: of.Link}
	}
	if s.Minimum != nil && s.Maximum != nil {
		text += fmt.Sprintf(" %v–%v", *s.Minimum, *s.Maximum)
	}
	if s.MaxLength != nil {
		text += fmt.Sprintf(" ≤ %d", *s.MaxLength)
	}
	if len(s.Enum) > 0 {
		text += fmt.Sprintf(" %v", s.Enum)
	}
	return docsType{Text: text}
}

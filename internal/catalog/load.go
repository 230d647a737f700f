package catalog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"

	"go.yaml.in/yaml/v4"

	"tongban/internal/access"
)

// Folder is the catalogue part of a county's folder: items/*.yaml in the order of their names, and codes.csv.
type Folder struct {
	Files []File
	Codes []codeLine
}

// File is one item with the place where it was read, so that every finding can name a line.
type File struct {
	Name string
	Item *Item
	root yaml.Node
}

// codeLine is one line of codes.csv.
type codeLine struct {
	Code
	Line int
}

const (
	codesFile = "codes.csv"
	// A longer file would not fit the TEXT column of 64 KB once it is encoded, and is no guide that anybody reads.
	largestFile = 32 << 10
)

// Load reads a folder. Unknown and repeated keys, wrong types and malformed codes are errors: it answers a *Refusal
// that names each with file and line. The publisher's rules are Lint's business.
//
// The files are read with go.yaml.in/yaml/v4, the YAML organisation's own successor of yaml.v3: one option refuses unknown
// keys, it refuses repeated ones by itself, its errors carry line numbers as values, and its nodes keep the line of
// every key, which the lint needs after decoding.
func Load(folder fs.FS) (Folder, error) {
	var f Folder
	var found []Finding
	names, err := fs.ReadDir(folder, "items")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	for _, entry := range names {
		name := path.Join("items", entry.Name())
		if path.Ext(name) != ".yaml" { // a misspelt ending must not retire the item
			found = append(found, Finding{File: name, Line: 1, Message: "这里只放 .yaml 文件"})
			continue
		}
		file, wrong, err := loadItem(folder, name)
		if err != nil {
			return f, err
		}
		found = append(found, wrong...)
		f.Files = append(f.Files, file)
	}
	if len(names) == 0 { // a wrong folder must not retire the whole catalogue
		found = append(found, Finding{File: "items", Line: 1, Message: "文件夹里没有事项"})
	}
	codes, wrong, err := loadCodes(folder)
	if err != nil {
		return f, err
	}
	f.Codes = codes
	return f, refuse(append(found, wrong...))
}

func loadItem(folder fs.FS, name string) (File, []Finding, error) {
	file := File{Name: name, Item: &Item{}}
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return file, nil, err
	}
	if len(text) > largestFile {
		return file, []Finding{{File: name, Line: 1, Message: "文件超过32KB，请精简"}}, nil
	}
	if err := yaml.Load(text, &file.root); err != nil {
		return file, yamlFindings(name, err), nil
	}
	if err := yaml.Load(text, file.Item, yaml.WithKnownFields()); err != nil {
		return file, yamlFindings(name, err), nil
	}
	return file, nil, nil
}

func yamlFindings(name string, err error) []Finding {
	list := []*yaml.LoadError{}
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		list = many.Errors
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		list = append(list, one)
	} else {
		return []Finding{{File: name, Line: 1, Message: err.Error()}}
	}
	var found []Finding
	for _, e := range list {
		message := "文件写法不对（" + e.Message + "）"
		if key := unknownKey.FindStringSubmatch(e.Message); key != nil {
			message = "没有 " + key[1] + " 这个键，请核对拼写"
		}
		found = append(found, Finding{File: name, Line: max(e.Mark.Line, 1), Message: message})
	}
	return found
}

var unknownKey = regexp.MustCompile(`^field (.+) not found in type`)

// line finds where a path such as "materials", 2, "basis" stands. When the end of the path is missing it is the line
// of the nearest thing around it.
func (f *File) line(path ...any) int {
	node := &f.root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, step := range path {
		if node.Kind == yaml.AliasNode && node.Alias != nil {
			node = node.Alias
		}
		next := child(node, step)
		if next == nil {
			break
		}
		node = next
	}
	return max(node.Line, 1)
}

func child(node *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step]
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1]
			}
		}
	}
	return nil
}

// loadCodes reads code,kind,id,village. A folder without the file prints no codes.
func loadCodes(folder fs.FS) ([]codeLine, []Finding, error) {
	text, err := folder.Open(codesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	defer text.Close() // only read

	var codes []codeLine
	var found []Finding
	rows := csv.NewReader(text)
	rows.FieldsPerRecord = 4
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return codes, found, nil
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			found = append(found, Finding{File: codesFile, Line: wrong.Line, Message: "每行四列：code,kind,id,village"})
			if errors.Is(err, csv.ErrFieldCount) {
				continue
			}
			return codes, found, nil // a broken quote spoils whatever follows
		} else if err != nil {
			return nil, nil, err
		}
		line, _ := rows.FieldPos(0)
		if line == 1 && row[0] == "code" {
			continue
		}
		code := codeLine{Code{row[0], row[1], row[2], access.Area(row[3])}, line}
		if wrong := code.wrong(); wrong != "" {
			found = append(found, Finding{File: codesFile, Line: line, Message: wrong})
			continue
		}
		codes = append(codes, code)
	}
}

// wrong says what is malformed in the line, in Chinese; empty when nothing is.
func (c codeLine) wrong() string {
	if canonical, err := ParseCode(c.Code.Code); err != nil || canonical != c.Code.Code {
		return fmt.Sprintf("码 %q 不对：要9至12位，末位是校验位，不带连字符", c.Code.Code)
	}
	if c.Village != "" && c.Village.Level() != access.VillageLevel {
		return "village 要写12位村码，全县用的码留空"
	}
	switch {
	case c.Kind == CodeItem && !uuidShape.MatchString(c.ID):
		return "事项的码要写事项 id"
	case c.Kind == CodeVillage && (c.ID != "" || c.Village == ""):
		return "村的码只写 village，不写 id"
	case c.Kind != CodeItem && c.Kind != CodeVillage:
		return "kind 只能是 item 或 village"
	}
	return ""
}

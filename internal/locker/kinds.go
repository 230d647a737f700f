package locker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/fault"
	"tongban/internal/store"
)

const kindsFile = "papers.yaml"

// Kind is a kind of paper that may be kept and used again: what is filled in for one matter only is none.
type Kind struct {
	ID        string   `yaml:"id"`
	Name      string   `yaml:"name"`
	Materials []string `yaml:"materials"` // ids of items' materials that it can be handed in as; its own id where none is named
}

type kindRow struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	Materials string // with a space on both sides of each
	Active    bool   // on the county's list
	Place     int
}

func (kindRow) TableName() string { return "paper_kinds" }

func (k kindRow) kind() Kind { return Kind{k.ID, k.Name, strings.Fields(k.Materials)} }

// fits: a paper of this kind can be handed in as that material.
func (k kindRow) fits(material string) bool {
	return slices.Contains(strings.Fields(k.Materials), material)
}

var kindShape = regexp.MustCompile(`^[a-z][a-z0-9_]{1,35}$`)

// ReadKinds reads papers.yaml in the first folder that has one: the county's, else a spare one. Unknown keys and senseless values are named.
func ReadKinds(folders ...fs.FS) ([]Kind, error) {
	for _, folder := range folders {
		text, err := fs.ReadFile(folder, kindsFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var kinds []Kind
		if err := yaml.Load(text, &kinds, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("%s: %w", kindsFile, err)
		}
		return kinds, check(kinds)
	}
	return nil, nil
}

func check(kinds []Kind) error {
	var wrong []error
	for i, k := range kinds {
		bad := func(message string) { wrong = append(wrong, fmt.Errorf("%s: %s: %s", kindsFile, k.ID, message)) }
		same := func(o Kind) bool { return o.ID == k.ID }
		switch name := len([]rune(k.Name)); {
		case !kindShape.MatchString(k.ID):
			bad("id 用小写字母、数字和下划线，最多三十六个字符")
		case slices.ContainsFunc(kinds[:i], same):
			bad("写了两次")
		case name < 2 || name > 30:
			bad("name 要二到三十个字")
		case len(strings.Join(k.Materials, " ")) > 900 || slices.ContainsFunc(k.Materials, func(m string) bool { return strings.ContainsAny(m, " \t") || m == "" }):
			bad("materials 写事项里材料的 id")
		}
	}
	return errors.Join(wrong...)
}

// Load brings the table of kinds up to the county's list. What is the same changes nothing; what is no longer listed takes no new papers.
func (d *Desk) Load(ctx context.Context, kinds []Kind) error {
	return d.store.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		var old []kindRow
		if err := tx.Order("id").Find(&old).Error; err != nil {
			return err
		}
		for place, k := range kinds {
			if len(k.Materials) == 0 {
				k.Materials = []string{k.ID}
			}
			row := kindRow{ID: k.ID, Name: k.Name, Materials: " " + strings.Join(k.Materials, " ") + " ", Active: true, Place: place}
			if err := keepKind(tx, old, row); err != nil {
				return err
			}
		}
		for _, row := range old {
			if row.Active && !slices.ContainsFunc(kinds, func(k Kind) bool { return k.ID == row.ID }) {
				row.Active = false
				if err := keepKind(tx, old, row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func keepKind(tx *store.Tx, old []kindRow, row kindRow) error {
	at := slices.IndexFunc(old, func(o kindRow) bool { return o.ID == row.ID })
	if at >= 0 && old[at] == row {
		return nil
	}
	tx.Trail(store.Entry{Act: "paper_kind.load", Kind: "paper_kind", Object: row.ID, Area: access.Area("")})
	if at < 0 {
		return tx.Again(tx.Create(&row).Error) // another copy of the program, started beside this one
	}
	return tx.Model(&kindRow{}).Where("id = ?", row.ID).
		UpdateColumns(map[string]any{"name": row.Name, "materials": row.Materials, "active": row.Active, "place": row.Place}).Error
}

// Kinds are those of which papers may be put into the locker, in the county's order.
func (d *Desk) Kinds(ctx context.Context) (list []Kind, err error) {
	var rows []kindRow
	err = d.store.Read(ctx).Where("active = ?", true).Order("place, id").Find(&rows).Error
	for _, row := range rows {
		list = append(list, row.kind())
	}
	return list, err
}

// kindOf is a kind that takes papers now.
func kindOf(db *gorm.DB, id string) (kindRow, error) {
	var rows []kindRow
	if err := db.Where("id = ? AND active = ?", id, true).Limit(1).Find(&rows).Error; err != nil {
		return kindRow{}, err
	}
	if len(rows) == 0 {
		return kindRow{}, fault.Wrong("body.kind", "这种材料不能存，请从列出的里面选一种")
	}
	return rows[0], nil
}

// KindFor is the kind of a case's material; a wrong field where such a material is not kept.
func (d *Desk) KindFor(ctx context.Context, material string) (string, error) {
	kinds, err := d.Kinds(ctx)
	if err != nil {
		return "", err
	}
	for _, k := range kinds {
		if slices.Contains(k.Materials, material) {
			return k.ID, nil
		}
	}
	return "", fault.Wrong("body.material", "这种材料只为这一件事用，不能存起来再用")
}

package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/store"
)

// Source is what is published: a county's folder with items/*.yaml and codes.csv, and the county's offices.
type Source struct {
	FS     fs.FS
	Places []Place
	Demo   bool // demonstration data, whose bases the county has yet to complete
}

// Published says what a publication changed.
type Published struct {
	Revision int64    // in force now
	Added    []string // item ids
	Changed  []string // got a new version, or came back
	Retired  []string // are no longer in the source
	Codes    int      // new ones
	Warnings []Finding
}

// Topic is what the broadcast calls a new publication.
const Topic = "catalog"

var errNothing = errors.New("catalog: nothing to publish")

// Publish makes the source the catalogue in force. A folder that breaks a rule is refused whole (*Refusal). Changed content
// becomes a new version; an item that is missing from the source is retired, its printed codes keep their meaning.
// Publishing the same again writes nothing, so every replica does it when it starts.
func (d *Desk) Publish(ctx context.Context, actor access.Actor, source Source) (Published, error) {
	if err := actor.Must(access.Publisher, access.System); err != nil {
		return Published{}, err
	}
	folder, warnings, err := check(source)
	if err != nil {
		return Published{}, err
	}
	if err := refuse(warnings); err != nil {
		return Published{}, err
	}
	done := Published{Warnings: warnings}

	// Most starts change nothing: look before queueing for the one writer.
	now, err := readStored(d.store.Read(ctx))
	if err != nil {
		return done, err
	}
	if p, err := plan(now, folder, source.Places); err != nil {
		return done, err
	} else if p.empty() {
		done.Revision, err = revision(d.store.Read(ctx))
		return done, err
	}
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		done = Published{Warnings: warnings}
		return publish(tx, folder, source.Places, &done)
	})
	if errors.Is(err, errNothing) { // another replica was first
		done.Revision, err = revision(d.store.Read(ctx))
		return done, err
	}
	if err != nil {
		return Published{}, err
	}
	if err := d.Reload(ctx); err != nil {
		d.log.Error("the new catalogue is published but not loaded yet", "error", err)
	}
	if d.words != nil {
		d.words.Publish(ctx, Topic)
	}
	return done, nil
}

// Check looks at a folder as its publication would, and publishes nothing: errors and warnings, by file and line. What cannot be
// read as an item is told first and alone. The error is not the folder's fault.
func Check(source Source) ([]Finding, error) {
	_, found, err := check(source)
	return found, err
}

func check(source Source) (Folder, []Finding, error) {
	folder, err := Load(source.FS)
	if refused, ok := errors.AsType[*Refusal](err); ok {
		return folder, refused.Findings, nil
	}
	if err != nil {
		return folder, nil, err
	}
	return folder, append(Lint(folder, source.Demo), lintPlaces(folder, source.Places)...), nil
}

// publish raises the revision first: its row is the lock at which publishers queue.
func publish(tx *store.Tx, folder Folder, places []Place, done *Published) error {
	first := stateRow{ID: onlyState, PublishedAt: tx.Now}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
		return err
	}
	raised := tx.Exec("UPDATE catalog_state SET revision = revision + 1, published_at = ? WHERE id = ?", tx.Now, onlyState)
	if raised.Error != nil {
		return raised.Error
	}
	var err error
	if done.Revision, err = revision(tx.DB); err != nil {
		return err
	}
	now, err := readStored(tx.DB)
	if err != nil {
		return err
	}
	p, err := plan(now, folder, places)
	if err != nil {
		return err
	}
	if p.empty() {
		return errNothing
	}
	if err := p.write(tx, done); err != nil {
		return err
	}
	area := tx.Actor.Area.County()
	mark := strconv.FormatInt(done.Revision, 10)
	tx.Trail(store.Entry{Act: "catalog.publish", Kind: "catalog", Object: mark, Area: area})
	tx.Emit(store.Message{Topic: "catalog.publish", Kind: "catalog", Object: mark, Area: area, Data: map[string]any{
		"revision": done.Revision, "added": done.Added, "changed": done.Changed, "retired": done.Retired,
	}})
	tx.Answer(*done)
	return nil
}

func (p changes) write(tx *store.Tx, done *Published) error {
	area := tx.Actor.Area.County()
	for _, c := range p.items {
		if c.body != "" {
			row := versionRow{c.row.ID, c.row.Version, c.body, tx.Now, tx.Actor.Person}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		entry := store.Entry{Act: "catalog.publish", Kind: "item", Object: c.row.ID, Area: area, To: version(c.row.Version)}
		var err error
		switch {
		case c.was == nil:
			done.Added = append(done.Added, c.row.ID)
			err = tx.Create(&c.row).Error
		default:
			entry.From = version(c.was.Version)
			if c.row.Retired {
				entry.Act = "catalog.retire"
				done.Retired = append(done.Retired, c.row.ID)
			} else {
				done.Changed = append(done.Changed, c.row.ID)
			}
			err = tx.Table("items").Where("id = ?", c.row.ID).
				Updates(map[string]any{"seq": c.row.Seq, "version": c.row.Version, "retired": c.row.Retired}).Error
		}
		if err != nil {
			return err
		}
		tx.Trail(entry)
	}
	return p.writeRest(tx, done)
}

// writeRest writes codes and places, a hundred rows a statement.
func (p changes) writeRest(tx *store.Tx, done *Published) error {
	done.Codes = len(p.newCodes)
	for some := range slices.Chunk(p.newCodes, 100) {
		if err := tx.Create(&some).Error; err != nil {
			return err
		}
	}
	for _, c := range p.oldCodes {
		err := tx.Table("codes").Where("code = ?", c.Code).Updates(map[string]any{"printed": c.Printed}).Error
		if err != nil {
			return err
		}
	}
	if !p.placesDiffer {
		return nil
	}
	if err := tx.Where("seq > ?", 0).Delete(&placeRow{}).Error; err != nil {
		return err
	}
	var rows []placeRow
	for i, place := range p.places {
		rows = append(rows, rowOfPlace(i+1, place))
	}
	for some := range slices.Chunk(rows, 100) {
		if err := tx.Create(&some).Error; err != nil {
			return err
		}
	}
	return nil
}

func version(n int) string { return fmt.Sprintf("v%d", n) }

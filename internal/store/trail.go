package store

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tongban/internal/access"
	"tongban/internal/clock"
)

// The trail (留痕) is append-only. Its rows form one chain for each area and day: a row's hash is an HMAC over the row
// and the hash before it, so nobody without the key can change, move, add or drop one unseen. A day's chain starts from the
// area's previous head, and each area counts its days: a whole missing day shows too. There is no single hot row.

// Entry is one trail row. It holds ids and field names, never personal values.
type Entry struct {
	Act    string // such as appeal.dispatch or person.reveal
	Kind   string // kind of the object
	Object string // id
	Area   access.Area
	From   string
	To     string
	Why    string
	Fields []string
}

// Trail adds a row to the chain of its object's area and day. No change without one.
func (tx *Tx) Trail(e Entry) { tx.trail = append(tx.trail, e) }

// Read trails that private data was read; it makes a Tx a secret.Recorder.
func (tx *Tx) Read(kind, object, field, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return errors.New("store: private data is not read without a reason")
	}
	tx.Trail(Entry{Act: kind + ".read", Kind: kind, Object: object, Area: tx.Actor.Area, Why: reason, Fields: []string{field}})
	return nil
}

// TrailRow is a row as stored. Body is the canonical JSON that was hashed; the other columns repeat it for queries.
type TrailRow struct {
	ID     string `gorm:"primaryKey"`
	Area   string
	Day    clock.Date
	Seq    int
	At     time.Time
	Person string
	Act    string
	Kind   string
	Object string
	Body   string
	Hash   string
}

func (TrailRow) TableName() string { return "trail" }

// TrailBody is what Body holds; the order of its fields is the canonical order.
type TrailBody struct {
	ID     string   `json:"id"`
	Area   string   `json:"area"`
	Day    string   `json:"day"`
	Seq    int      `json:"seq"`
	At     string   `json:"at"`
	Person string   `json:"person"`
	Post   string   `json:"post,omitempty"`
	Role   string   `json:"role"`
	Office string   `json:"office,omitempty"`
	Act    string   `json:"act"`
	Kind   string   `json:"kind"`
	Object string   `json:"object"`
	From   string   `json:"from,omitempty"`
	To     string   `json:"to,omitempty"`
	Why    string   `json:"why,omitempty"`
	Fields []string `json:"fields,omitempty"`
}

type headRow struct {
	Area    string     `gorm:"primaryKey"`
	Day     clock.Date `gorm:"primaryKey"`
	PrevDay string
	Start   string // the hash from which the day's chain starts
	Length  int
	Hash    string
	Mac     string
}

func (headRow) TableName() string { return "trail_heads" }

type areaRow struct {
	Area    string `gorm:"primaryKey"`
	LastDay string
	Days    int
	Mac     string
}

func (areaRow) TableName() string { return "trail_areas" }

var lockRows = clause.Locking{Strength: "UPDATE"}

// chunk bounds the rows of one INSERT: SQLite takes 32,766 values in a statement.
const chunk = 1000

// Nowhere is the chain of objects that belong to no area, such as a settings change.
const Nowhere = "0"

// chain appends the transaction's rows to their chains, in key order.
func (tx *Tx) chain() error {
	byArea := map[string][]Entry{}
	for _, e := range tx.trail {
		area := string(e.Area)
		if area == "" {
			area = Nowhere
		}
		byArea[area] = append(byArea[area], e)
	}
	areas := make([]string, 0, len(byArea))
	for area := range byArea {
		areas = append(areas, area)
	}
	slices.Sort(areas)
	for _, area := range areas {
		if err := tx.chainTo(area, byArea[area]); err != nil {
			return err
		}
	}
	return tx.enrol(tx.begun)
}

func (tx *Tx) chainTo(area string, entries []Entry) error {
	head, err := tx.head(area, clock.DateOf(tx.Now))
	if err != nil {
		return err
	}
	rows := make([]TrailRow, 0, len(entries))
	before := head.Length
	for _, e := range entries {
		head.Length++
		row, err := tx.trailRow(e, area, head)
		if err != nil {
			return err
		}
		head.Hash = row.Hash
		rows = append(rows, row)
	}
	if err := tx.CreateInBatches(&rows, chunk).Error; err != nil {
		return tx.Again(err)
	}
	grown := tx.Table("trail_heads").Where("area = ? AND day = ? AND length = ?", area, head.Day, before).
		UpdateColumns(map[string]any{"length": head.Length, "hash": head.Hash, "mac": tx.store.headMAC(head)})
	if grown.Error == nil && grown.RowsAffected != 1 {
		return ErrAgain
	}
	return grown.Error
}

// head is the locked head of an area's newest day; the first entry of a day makes it.
func (tx *Tx) head(area string, day clock.Date) (headRow, error) {
	var last []headRow
	if err := forUpdate(tx.DB).Where("area = ?", area).Order("day DESC").Limit(1).Find(&last).Error; err != nil {
		return headRow{}, err
	}
	// A clock that runs behind another replica's writes on into the newest day: an older one is never opened again.
	if len(last) == 1 && !last[0].Day.Before(day) {
		return last[0], nil
	}
	return tx.newHead(area, day, last)
}

// newHead starts a day where the area's last day ended.
func (tx *Tx) newHead(area string, day clock.Date, last []headRow) (headRow, error) {
	var known areaRow
	err := forUpdate(tx.DB).Where("area = ?", area).Take(&known).Error
	head := headRow{Area: area, Day: day}
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		known = areaRow{Area: area, LastDay: day.String(), Days: 1}
		known.Mac = tx.store.areaMAC(known)
		err = tx.Again(tx.Create(&known).Error)
		tx.begun = append(tx.begun, area)
	case err == nil:
		if len(last) == 1 { // none: somebody removed it; Verify tells, and the village's work goes on
			head.Start, head.Hash = last[0].Hash, last[0].Hash
		}
		head.PrevDay = known.LastDay
		known.LastDay, known.Days = day.String(), known.Days+1
		err = tx.Table("trail_areas").Where("area = ?", area).
			UpdateColumns(map[string]any{"last_day": known.LastDay, "days": known.Days, "mac": tx.store.areaMAC(known)}).Error
	}
	if err != nil {
		return head, err
	}
	head.Mac = tx.store.headMAC(head)
	return head, tx.Again(tx.Create(&head).Error)
}

func (tx *Tx) trailRow(e Entry, area string, head headRow) (TrailRow, error) {
	body := TrailBody{
		ID: tx.NewID(), Area: area, Day: head.Day.String(), Seq: head.Length, At: tx.Now.Format(time.RFC3339),
		Person: tx.Actor.Person, Post: tx.Actor.Post, Role: string(tx.Actor.Role), Office: tx.Actor.Office,
		Act: e.Act, Kind: e.Kind, Object: e.Object, From: e.From, To: e.To, Why: e.Why, Fields: e.Fields,
	}
	text, err := json.Marshal(body)
	if err != nil {
		return TrailRow{}, err
	}
	return TrailRow{
		ID: body.ID, Area: area, Day: head.Day, Seq: body.Seq, At: tx.Now, Person: body.Person,
		Act: e.Act, Kind: e.Kind, Object: e.Object, Body: string(text), Hash: tx.store.rowHash(head.Hash, string(text)),
	}, nil
}

func (s *Store) mac(parts ...string) string {
	raw := make([][]byte, 0, len(parts))
	for _, p := range parts {
		raw = append(raw, []byte(p))
	}
	return hex.EncodeToString(s.keys.MAC("trail", raw...))
}

func (s *Store) rowHash(prev, body string) string { return s.mac("row", prev, body) }

func (s *Store) headMAC(h headRow) string {
	return s.mac("head", h.Area, h.Day.String(), h.PrevDay, h.Start, strconv.Itoa(h.Length), h.Hash)
}

func (s *Store) areaMAC(a areaRow) string {
	return s.mac("area", a.Area, a.LastDay, strconv.Itoa(a.Days))
}

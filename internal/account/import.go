package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"gorm.io/gorm"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/fault"
	"tongban/internal/store"
)

// The staff of a county is imported (批量开账号) as a table in the columns of staff.csv. All of it is done in one transaction, or
// none when a line is wrong; tried first, it says what would happen and changes nothing.

// mostImported lines of one table: as many as one transaction does in its seconds, with a password hashed for each.
const mostImported = 500

// ErrImport refuses a table with wrong lines; each of them is named.
var ErrImport = fault.New(fault.Invalid, "staff.import_refused", "表里有不能办的行，一行也没有办；请按提示改好再传")

// Outcome is what becomes of a line.
type Outcome string

// The closed list of outcomes.
const (
	LineCreated   Outcome = "created"   // an account, with its first post
	LineGiven     Outcome = "given"     // a post to somebody who has an account, or got it by a line above
	LineUnchanged Outcome = "unchanged" // it is so already
	LineRefused   Outcome = "refused"
)

// ImportLine is one line of the table, and what becomes of it.
type ImportLine struct {
	Line     int // as a spreadsheet counts, the column names being the first
	Username string
	Outcome  Outcome
	Reason   string // of a refusal, in Chinese
	Person   string // id; empty before the account is made
	Password string // of a new account: told once, and to be changed at the first log-in
}

// Import is what happened, or would happen.
type Import struct {
	DryRun bool
	Lines  []ImportLine
}

// Count is how many lines have that outcome.
func (i Import) Count(o Outcome) int {
	n := 0
	for _, l := range i.Lines {
		if l.Outcome == o {
			n++
		}
	}
	return n
}

// ImportStaff is done by the system administrator, by the same rules as the calls for one: he gives no administrator's post, and
// nothing to himself. A post that somebody has is not changed: another term or other duties are a refusal. With dryRun nothing is.
func (d *Desk) ImportStaff(ctx context.Context, actor access.Actor, file []byte, dryRun bool) (Import, error) {
	if err := actor.Must(access.SystemAdmin); err != nil {
		return Import{}, err
	}
	t, err := tableOf(file)
	if err != nil {
		return Import{}, err
	}
	plan, err := d.planImport(d.store.Read(ctx), actor, t)
	if err != nil {
		return Import{}, err
	}
	var passwords map[string]issued
	if !dryRun {
		if err := plan.wrong(); err != nil {
			return Import{}, err
		}
		if passwords, err = d.passwordsFor(ctx, plan); err != nil {
			return Import{}, err
		}
	}
	places := pluck(t.lines, func(l line) access.Area { return access.Area(l.cells["area"]) })
	offices := pluck(t.lines, func(l line) string { return l.cells["office"] })
	var done Import
	err = d.store.Write(ctx, actor, func(tx *store.Tx) error {
		if err := holdPlaces(tx.DB, places, offices); err != nil {
			return err
		}
		if plan, err = d.planImport(tx.DB, actor, t); err != nil { // as it is now
			return err
		}
		if !dryRun {
			if err := errors.Join(plan.wrong(), d.carryOut(tx, &plan, passwords)); err != nil {
				return err
			}
		}
		done = Import{dryRun, plan.lines}
		tx.Answer(done)
		return nil
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // another administrator was at it
		err = store.ErrLost.Because(err)
	}
	if !dryRun {
		d.standing.forget()
	}
	return done, err
}

// tableOf reads the table that somebody has sent. Excel in China saves CSV as GBK.
func tableOf(file []byte) (*table, error) {
	if !utf8.Valid(file) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(file)
		if err != nil || strings.ContainsRune(string(text), utf8.RuneError) {
			return nil, fault.Wrong("body.file", "读不出这个文件里的字，请在表格软件里另存为“CSV UTF-8（逗号分隔）”再传")
		}
		file = text
	}
	t := parseTable("", file, staffColumns)
	switch {
	case t.broken:
		bad, _ := errors.AsType[mistake](t.wrong[0])
		return nil, fault.Wrong("body.file", fmt.Sprintf("第 %d 行：%s", bad.line, bad.text))
	case len(t.lines)+len(t.wrong) == 0:
		return nil, fault.Wrong("body.file", "除了列名，一行也没有")
	case len(t.lines)+len(t.wrong) > mostImported:
		return nil, fault.Wrong("body.file", fmt.Sprintf("一次最多 %d 行，请分几次传", mostImported))
	}
	return t, nil
}

// importPlan is what is to be done.
type importPlan struct {
	lines   []ImportLine
	members []member
	known   map[string]personRow // by username
	give    map[int]Post         // by line, without id
}

// wrong names each refused line.
func (p importPlan) wrong() error {
	var fields []fault.Field
	for _, l := range p.lines {
		if l.Outcome == LineRefused {
			fields = append(fields, fault.Field{Location: fmt.Sprintf("body.file[%d]", l.Line), Message: fmt.Sprintf("第 %d 行：%s", l.Line, l.Reason)})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return ErrImport.At(fields...)
}

func (d *Desk) planImport(db *gorm.DB, actor access.Actor, read *table) (importPlan, error) {
	t := &table{lines: read.lines, wrong: slices.Clone(read.wrong)} // what follows finds more mistakes, each time
	known, ids, err := placesIn(db, actor, t)
	if err != nil {
		return importPlan{}, err
	}
	p := importPlan{members: t.staff(known), give: map[int]Post{}}
	people, held, err := storedStaff(db, p.members)
	if err != nil {
		return p, err
	}
	p.known = people
	outcomes := map[int]ImportLine{}
	for _, m := range p.members {
		if err := d.planMember(&p, actor, m, ids, held, outcomes); err != nil {
			return p, err
		}
	}
	said := map[int][]string{}
	for _, err := range t.wrong {
		if bad, ok := errors.AsType[mistake](err); ok {
			said[bad.line] = append(said[bad.line], bad.text)
		}
	}
	for at, reasons := range said {
		l := outcomes[at]
		l.Outcome, l.Reason, l.Person = LineRefused, strings.Join(reasons, "；"), ""
		outcomes[at] = l
	}
	for at, l := range outcomes {
		l.Line = at
		p.lines = append(p.lines, l)
	}
	slices.SortFunc(p.lines, func(a, b ImportLine) int { return a.Line - b.Line })
	return p, nil
}

// planMember decides about the lines of one person.
func (d *Desk) planMember(p *importPlan, actor access.Actor, m member, ids map[string]string, held map[postKey]stored, outcomes map[int]ImportLine) error {
	old, found := p.known[m.username]
	refusal := ""
	if found {
		name, err := old.name(d.store.Keys())
		if err != nil {
			return err
		}
		if !name.Equal(m.name) || !actor.Area.Contains(old.area()) { // no word about whom it belongs to
			refusal = ErrUsernameTaken.Title
		}
	}
	var has []Post
	for _, s := range held {
		if s.Person == old.ID && found {
			has = append(has, s.Post)
		}
	}
	for i, line := range m.posts {
		post := line.post(old.ID, ids[line.office])
		now := ImportLine{Username: m.username, Outcome: LineGiven, Person: old.ID}
		if !found && i == 0 {
			now.Outcome = LineCreated
		}
		there := held[keyOf(post)]
		switch {
		case refusal != "":
			now.Outcome, now.Reason, now.Person = LineRefused, refusal, ""
		case there.ID != "" && there.same(post, line):
			now.Outcome = LineUnchanged
		default:
			if err := mayGain(actor, old, there, has, post, clock.DateOf(d.now())); err != nil {
				now.Outcome, now.Reason = LineRefused, fault.Of(err).Title
			}
		}
		if now.Outcome == LineCreated || now.Outcome == LineGiven {
			p.give[line.line] = post
			has = append(has, post)
		}
		outcomes[line.line] = now
	}
	return nil
}

// same: the post is as the line says.
func (s stored) same(p Post, l postLine) bool {
	as := s.Title == p.Title && s.ValidFrom == p.ValidFrom && s.ValidUntil == p.ValidUntil
	return as && (!l.told || slices.Equal(s.duties, slices.Sorted(slices.Values(l.duties))))
}

var errImportRole = fault.New(fault.Forbidden, "post.administrators", "管理员的岗位由安全管理员一个一个给，不能批量开")

// mayGain holds a line to what GivePost holds a call to.
func mayGain(actor access.Actor, of personRow, there stored, has []Post, p Post, day clock.Date) error {
	switch {
	case mayGive(actor, p.Role) != nil:
		return errImportRole
	case of.ID == actor.Person:
		return ErrOwnPost
	case slices.ContainsFunc(has, func(p Post) bool { return !p.over(day) && !actor.Area.Contains(p.Area) }):
		return fault.NotYours
	case there.ID != "":
		return ErrPostTaken
	}
	return apart(has, p)
}

// placesIn are those areas within the actor's, offices of his county and duties that the table names and that have not ended, and the
// ids of the offices.
func placesIn(db *gorm.DB, actor access.Actor, t *table) (known places, ids map[string]string, err error) {
	cells := func(column string) []string {
		return pluck(t.lines, func(l line) string { return l.cells[column] })
	}
	var areas []Area
	if err := db.Where("code IN ? AND code NOT IN ("+closed+")", cells("area")).Find(&areas).Error; err != nil {
		return known, nil, err
	}
	var offices []Office
	err = db.Where("code IN ? AND county = ? AND id NOT IN ("+closedOffices+")", cells("office"), actor.Area.County()).Find(&offices).Error
	if err != nil {
		return known, nil, err
	}
	there, ids := map[access.Area]bool{}, map[string]string{}
	for _, a := range areas {
		there[a.Code] = actor.Area.Contains(a.Code)
	}
	for _, o := range offices {
		ids[o.Code] = o.ID
	}
	known = placesOf(there, offices, nil)
	known.duties, err = knownDuties(db)
	return known, ids, err
}

// issued is a temporary password and its hash.
type issued struct{ password, hash string }

// passwordsFor makes a password for each new account. Log-ins go on meanwhile: it takes one slot at a time, and waits for it.
func (d *Desk) passwordsFor(ctx context.Context, p importPlan) (map[string]issued, error) {
	made := map[string]issued{}
	for _, l := range p.lines {
		if l.Outcome != LineCreated {
			continue
		}
		password := readable(random(24))
		hash, err := d.hashed(ctx, password)
		for errors.Is(err, errCrowded) && ctx.Err() == nil {
			hash, err = d.hashed(ctx, password)
		}
		if err != nil {
			return nil, err
		}
		made[l.Username] = issued{password, hash}
	}
	return made, nil
}

// carryOut writes what is planned, table by table.
func (d *Desk) carryOut(tx *store.Tx, p *importPlan, passwords map[string]issued) error {
	var people []personRow
	var posts []Post
	var called []calledPost
	var duties []postDuty
	at := map[int]int{} // line → place in lines
	for i, l := range p.lines {
		at[l.Line] = i
	}
	for _, m := range p.members {
		person, old := p.known[m.username]
		for _, line := range m.posts {
			post, some := p.give[line.line]
			if !some {
				continue
			}
			told := &p.lines[at[line.line]]
			if told.Outcome == LineCreated {
				fresh, made := passwords[m.username]
				if !made { // his account went away since
					return store.ErrLost
				}
				person = d.newMember(tx, m, fresh.hash)
				people = append(people, person)
				told.Password = fresh.password
			} else if old { // once, whatever he gains
				old = false
				if err := changePerson(tx, person, map[string]any{"version": person.Version + 1, "updated_at": tx.Now}); err != nil {
					return err
				}
			}
			post.ID, post.Person, post.CreatedAt, post.UpdatedAt = tx.NewID(), person.ID, tx.Now, tx.Now
			told.Person = person.ID
			posts, called = append(posts, post), append(called, calledPost{post.ID})
			duties = append(duties, dutyRows(post.ID, line.duties)...)
			tx.Trail(store.Entry{Act: "post.give", Kind: "post", Object: post.ID, Area: wide(post.Area), To: string(post.Role)})
		}
	}
	if err := create(tx, people); err != nil {
		return err
	}
	if err := create(tx, posts); err != nil {
		return err
	}
	if err := create(tx, called); err != nil {
		return err
	}
	return create(tx, duties)
}

// newMember is an account as CreateStaff makes it.
func (d *Desk) newMember(tx *store.Tx, m member, hash string) personRow {
	p := personRow{
		ID: tx.NewID(), Kind: staffKind, Username: &m.username, Password: hash, MustChange: true,
		Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now,
	}
	p.Name = m.name.Seal(d.store.Keys(), sealedAt("name", p.ID))
	p.live(m.posts[0].area)
	tx.Trail(store.Entry{Act: "staff.create", Kind: "person", Object: p.ID, Area: wide(m.posts[0].area), Fields: []string{"username", "name", "password"}})
	return p
}

package api

// spared is one clause that no mutant takes away, and why: nobody could notice it by what he is shown, or the test that is named proves it at the
// desk. The part stands in the clause's line; before it, where the line stands twice, the function.
type spared struct{ file, part, why string }

const (
	chosen   = "a filter that the caller chooses, over what he sees"
	ownRow   = "his own row, found by his own id"
	foundYet = "of a person who was found in sight before, or whom a password or code named"
	asRule   = "a rule of the act, over what he sees"
	roleSays = "the desk asks for the role before, and a mutant takes that away"
	lastOnes = "it counts the administrators who stay, and shows none: internal/account/powers_test.go: TestTheLastTwoDoNotGoByDaysSetAhead"
	atHand   = "photos of the object at hand, whoever sent them"
	inPieces = "each clause in it is taken away by itself"
)

var sparedClauses = []spared{
	{appealScope, `(appeals.about_office = '' OR appeals.about_office <> ?)`, "whoever comes by the API holds the post he acts in, so the list of posts names this office too: internal/appeal/seen_test.go: TestRecusal"},
	{appealScope, `return ownOrHelped(db, actor, today)`, inPieces},
	{caseScope, `return ownOrHelped(db, actor, today)`, inPieces},
	{appealScope, `family.PrincipalsOf(db, actor.Person)`, "the list only narrows; it is taken away with what stands behind it"},
	{caseScope, `family.PrincipalsOf(db, actor.Person)`, "the list only narrows; it is taken away with what stands behind it"},
	{residentScope, `return db.Where("id = ?", actor.Person)`, "a resident is looked up by his own id wherever he is looked up at all"},
	{residentScope, `db.Where("kind = ?", residentKind)`, "most looks for a resident ask for the kind again; the one that does not: internal/account/powers_test.go: TestAClerkLooksUpNoStaff"},
	{residentScope, `return staff.Where(condition, code)`, "the demo's security administrator is the county's; a town's: internal/account/powers_test.go: TestATownsSecurityAdministrator"},
	{trailScope, `return db.Where("1 = 0")`, roleSays},
	{trailScope, `return within(db, actor.Area)`, "the demo's audit administrator is the county's; a town's: internal/audit/desk_test.go: TestWhoReadsWhichTrail"},
	{trailScope, `return db.Where("area >= ? AND area <= ?", area, area+highest)`, "the demo's audit administrator is the county's; a town's: internal/audit/desk_test.go: TestWhoReadsWhichTrail"},
	{letterScope, `return db.Where("1 = 0")`, roleSays},
	{"internal/offline/seen.go", `return db.Where("1 = 0")`, roleSays},
	{"internal/county/desk.go", `return db.Where("1 = 0")`, "the desk asks for the role before; of a town's: internal/county/desk_test.go: TestTheInboxIsForTheCountysAdministrator"},

	{"internal/appeal/rated.go", `db.Where(complaints+column`, "taken away as a whole where it is used (HideAbout)"},
	{"internal/appeal/rated.go", `db.Where(other.of+column`, inPieces},
	{"internal/appeal/trail.go", `db.Where("("+related+ofHim+") = 0", his...)`, "taken away as a whole where the trail is read (hide)"},
	{"internal/appeal/trail.go", `d.HideAbout(db, "(SELECT r.object FROM ratings r`, "taken away as a whole where the trail is read (hide)"},
	{"internal/appeal/followup.go", `"appeal = ? AND actor = ?"`, asRule},
	{"internal/errand/followup.go", `"errand_id = ? AND actor = ? AND act NOT IN ?"`, asRule},
	{"internal/casework/hall.go", `NOT (cases.two_persons AND cases.reviewer = ?)`, asRule},
	{"internal/deputy/desk.go", `post = ? AND ended_at IS NULL AND first_on <= ? AND last_on >= ?`, asRule},

	{"internal/appeal/lists.go", `queues.Narrow(db, q`, chosen},
	{"internal/appeal/lists.go", `appeals.status IN ?`, chosen},
	{"internal/appeal/lists.go", `appeals.class = ?`, chosen},
	{"internal/appeal/lists.go", `queue.Where("appeals.owner = ?"`, chosen},
	{"internal/appeal/lists.go", `narrow: db = db.Where("appeals.owner = ?"`, chosen},
	{"internal/appeal/lists.go", `appeals.agent = ?`, chosen},
	{"internal/appeal/lists.go", `appeals.office = ?`, chosen},
	{"internal/appeal/ways.go", `seen(db).Where("appeals.county = ?"`, "the way to what he sees: it is of his county already"},
	{"internal/appeal/ways.go", `queue.Where("appeals.county = ?"`, "a work list, over what he sees"},
	{"internal/casework/lists.go", `db.Where(c.SQL, c.Args...)`, chosen},
	{"internal/casework/lists.go", `cases.status IN ?`, chosen},
	{"internal/casework/lists.go", `cases.item = ?`, chosen},
	{"internal/casework/lists.go", `db.Where(column+" = ?", actor.Person)`, chosen},
	{"internal/casework/queues.go", `cases.holder = ?`, chosen},
	{"internal/casework/queues.go", `cases.reviewer = ?`, chosen},
	{"internal/casework/queues.go", `cases.agent = ?`, chosen},
	{"internal/errand/lists.go", `errands.agent = ?`, chosen},
	{"internal/errand/queues.go", `errands.agent = ?`, chosen},
	{"internal/errand/ledger.go", `"errands.id >= ? AND errands.id < ?"`, chosen},
	{"internal/deputy/cover.go", `deputies.deputy_post = ?`, "whom he stands in for: internal/casework/hall_test.go: TestADeputyActsForAnother"},

	{"internal/account/bind.go", `tx.Table("persons").Where("id = ? AND disabled_at IS NULL"`, ownRow},
	{"internal/account/bind_staff.go", `onePerson(tx.Where("id = ? AND kind = ?", actor.Person`, ownRow},
	{"internal/account/serving.go", `Where("id = ? AND ended_at IS NULL", actor.Session)`, ownRow},
	{"internal/account/serving.go", `Sitting: if err := db.Table("sessions").Where("id = ?", actor.Session)`, ownRow},
	{"internal/account/serving.go", `tx.Actor.Session)`, ownRow},
	{"internal/account/session.go", `tx.Where("id = ?", actor.Session)`, ownRow},
	{"internal/account/bind_staff.go", `person = ? AND mac = ? AND used_at IS NULL`, foundYet},
	{"internal/account/staff.go", `tx.Where("person = ?", p.ID)`, foundYet},
	{"internal/account/totp.go", `"person = ? AND confirmed_at IS NULL"`, foundYet},
	{"internal/account/totp.go", `"person = ? AND last_step < ?"`, foundYet},
	{"internal/account/totp.go", `"person = ? AND mac = ? AND used_at IS NULL"`, foundYet},
	{"internal/account/totp.go", `confirm: if err := tx.Where("person = ?", p.ID).Delete(&recoveryRow{})`, foundYet},
	{"internal/account/totp.go", `ResetTOTP: if err := tx.Where("person = ?", p.ID).Delete(&recoveryRow{})`, foundYet},
	{"internal/account/totp.go", `return tx.Where("person = ?", p.ID).Delete(&totpRow{})`, foundYet},
	{"internal/family/guardian.go", `principal = ? AND kind = ? AND status = ? AND valid_until >= ?`, foundYet},
	{"internal/account/register.go", `village = ? AND id_index = ?`, "seenBy stands beside it; it finds who is registered already"},
	{"internal/account/import.go", `code IN ? AND county = ?`, "the demo is one county: internal/account/import_test.go: TestTheImportGivesNoMoreThanACall"},
	{"internal/account/term.go", `Where("code = ?", actor.Area.County())`, "it holds the county's row while the last ones are counted, and shows nothing"},
	{"internal/account/term.go", `Where("role = ? AND person <> ? AND valid_from <= ?"`, lastOnes},
	{"internal/account/term.go", `Where("area IN ?", []access.Area{p.Area, p.Area.Village(), p.Area.Town(), p.Area.County()})`, lastOnes},
	{"internal/account/term.go", `Where("person NOT IN (SELECT id FROM persons WHERE disabled_at IS NOT NULL)")`, lastOnes},

	{"internal/family/acting_list.go", `tx.Where("helper = ? AND principal = ? AND status = ?"`, "Helped and the scopes refuse before: internal/family/desk_test.go: TestTwoGuardiansOneEnd"},
	{"internal/family/acting_list.go", `ActsFor: Where("valid_from <= ? AND valid_until >= ?", today, today)`, "Helped and the scopes refuse before: internal/family/desk_test.go: TestTwoGuardiansOneEnd"},
	{"internal/file/attach.go", `release(tx.Model(&File{}).Where("id = ? AND kind = ? AND object = ?"`, atHand},
	{"internal/file/attach.go", `err = tx.Model(&File{}).Where("id = ? AND kind = ? AND object = ?"`, atHand},
	{"internal/errand/entrust.go", `id = ? AND owner = ?`, "what it finds is given away only by its owner: give in attach.go says so, and a mutant takes that away"},
	{"internal/file/loose.go", `id IN ? AND owner = ?`, "it makes two forms of one call alike, and shows none: internal/file/keep_test.go: TestWhoseBytesAreLostIsNotHere"},
	{"internal/file/desk.go", `owner = ? AND created_at >= ?`, "it counts what he has sent today"},
	{"internal/file/upload.go", `owner = ? AND file = '' AND created_at >= ?`, "it counts what he has under way"},
	{"internal/file/upload.go", `id = ? AND owner = ? AND file = '' AND received = size`, "it was found by its owner before, and a mutant takes that away"},
	{inboxScope, `id = ? AND person = ? AND read_at IS NULL`, "the look behind it refuses and takes it back, and a mutant takes that away"},
	{"internal/offline/alone.go", `person = ? AND act_key = ?`, "it tells only that a key was used, and the key is compared with its content"},
	{"internal/offline/keep.go", `Where(held, k.act.Key, k.act.Line, k.act.Seq)`, "it says which key and place; the clause before it says whose, and a mutant takes that away"},
}

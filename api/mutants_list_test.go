package api

// mutant is one clause taken away: the text stands exactly once in the file, and without it somebody sees or does what is
// not his.
type mutant struct {
	name string
	file string // from the top of the module
	text string
	put  string // instead
}

const (
	appealScope     = "internal/appeal/seen.go"
	residentScope   = "internal/account/seen.go"
	actingScope     = "internal/family/acting_seen.go"
	householdScope  = "internal/family/household_seen.go"
	photoScope      = "internal/file/desk.go"
	inboxScope      = "internal/courier/inbox.go"
	letterScope     = "internal/courier/letters.go"
	tokenCheck      = "internal/account/token.go"
	sessionCheck    = "internal/account/identify.go"
	trailScope      = "internal/audit/seen.go"
	entrance        = "api/identify.go"
	audiences       = "api/route.go"
	correctionScope = "internal/rights/seen.go"
	lockerScope     = "internal/locker/seen.go"
	caseScope       = "internal/casework/seen.go"
	deputyScope     = "internal/deputy/seen.go"
	errandScope     = "internal/errand/seen.go"
	redressScope    = "internal/rating/seen.go"
	complaints      = "internal/appeal/rated.go"
	clientGuard     = "internal/account/serving.go"
	ledgerDesk      = "internal/errand/ledger.go"
)

var mutants = []mutant{
	{"signatures are not checked", tokenCheck, `parsed, err := d.parser.ParseWithClaims(token, &c, verifying(d.store.Keys()))`, `parsed, _, err := d.parser.ParseUnverified(token, &c)`},
	{"any token of ours is an access token", tokenCheck, `len(t.Header) != 3 || t.Header["typ"] != tokenType`, `len(t.Header) != 3`},
	{"any issuer", tokenCheck, `jwt.WithIssuer(issuer),`, ``},
	{"any audience", tokenCheck, `jwt.WithAudience(audience),`, ``},
	{"a token may live for a year", tokenCheck, `|| c.ExpiresAt.Sub(c.IssuedAt.Time) > accessLife`, ``},
	{"tokens of ended sessions", sessionCheck, `, !s.Session.alive(p, now):`, `:`},
	{"tokens of before all sessions were ended", sessionCheck, `s.Session.Ver != c.Version, `, ``},

	{"the audience means nothing", entrance, `if !r.Audience.admits(actor) {`, `if false {`},
	{"nobody needs to log in", entrance, "case len(given) == 0:\n\t\treturn access.Stranger(), fault.NeedLogin", "case len(given) == 0:\n\t\treturn access.Stranger(), nil"},
	{"a bad token is looked over", entrance, `case r.Audience == open, r.Audience == optional && len(given) == 0:`, `case r.Audience == open, r.Audience == optional:`},
	{"residents pass for staff", audiences, `return actor.Signed() && actor.Role.Staff()`, `return actor.Signed()`},

	// The list of principals only narrows: each of these takes it away as well.
	{"a resident sees everybody's appeals", appealScope, `return db.Where("appeals.applicant IN ?", append(principals, actor.Person)).
		Where("appeals.applicant <> '' AND (appeals.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = appeals.applicant"+`,
		`_ = principals
	return db.Where("(1 = 1 OR appeals.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = appeals.applicant"+`},
	{"anybody is a helper", appealScope, `return db.Where("appeals.applicant IN ?", append(principals, actor.Person)).
		Where("appeals.applicant <> '' AND (appeals.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = appeals.applicant"+
			" AND r.helper = ?"+`,
		`_ = principals
	return db.Where("appeals.applicant <> '' AND (appeals.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = appeals.applicant"+
			" AND ? <> ''"+`},
	{"helpers see after the end", appealScope, `" AND r.status = 'active'"+`, ``},
	{"helpers see after the last day", appealScope, ` AND r.valid_until >= ?`, ` AND ? IS NOT NULL`},
	{"helpers see more than they handed in", appealScope, `(r.scope = 'all' OR`, `(1 = 1 OR`},
	{"a resident sees everybody's cases", caseScope, `return db.Where("cases.applicant IN ?", append(principals, actor.Person)).
		Where("cases.applicant <> '' AND (cases.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = cases.applicant"+`,
		`_ = principals
	return db.Where("(1 = 1 OR cases.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = cases.applicant"+`},
	{"anybody is a helper with cases", caseScope, `return db.Where("cases.applicant IN ?", append(principals, actor.Person)).
		Where("cases.applicant <> '' AND (cases.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = cases.applicant"+
			" AND r.helper = ?"+`,
		`_ = principals
	return db.Where("cases.applicant <> '' AND (cases.applicant = ? OR EXISTS (SELECT 1 FROM actings r WHERE r.principal = cases.applicant"+
			" AND ? <> ''"+`},
	{"helpers see cases after the end", caseScope, `" AND r.status = 'active'"+`, ``},
	{"helpers see cases after the last day", caseScope, ` AND r.valid_until >= ?`, ` AND ? IS NOT NULL`},
	{"helpers see more cases than they handed in", caseScope, `(r.scope = 'all' OR`, `(1 = 1 OR`},
	{"a clerk sees cases of other villages", caseScope, "case clerk:\n\t\t\tdb = inArea(db, actor)\n", "case clerk:\n"},
	{"a clerk sees cases that residents hand in themselves", caseScope, `return db.Where("cases.agent <> ''")`, `return db`},
	{"an office sees drafts", caseScope, "case window, reviewer, decider:\n\t\t\tdb = submitted(db)\n", "case window, reviewer, decider:\n"},
	{"an office sees cases of other offices", caseScope, `return db.Where("cases.office = ? AND cases.office <> ''", actor.Office)`, `return db`},
	{"a supervisor sees drafts", caseScope, "case supervisor, county:\n\t\t\tdb = submitted(db)\n", "case supervisor, county:\n"},
	{"drafts are as good as submitted", caseScope, `return db.Where("cases.applied_at IS NOT NULL")`, `return db`},
	{"a supervisor sees cases of other towns", caseScope, `return inArea(db, actor)`, `return db`},
	{"other roles see cases", caseScope, `return db.Where("1 = 0")`, `return db`},
	{"an area means nothing to cases", caseScope, `return db.Where("cases."+condition, code)`, "_, _ = condition, code\n\treturn db"},
	{"a resident sees what others entrusted", errandScope, `return db.Where("errands.principal = ? AND errands.principal <> ''", actor.Person)`, `return db`},
	{"clerk and supervisor see errands of other areas", errandScope, `return db.Where("errands."+condition, code)`, "_, _ = condition, code\n\t\t\treturn db"},
	{"other roles see errands", errandScope, `return db.Where("1 = 0")`, `return db`},
	{"a deputy is seen by the other posts of the office", deputyScope, `return db.Where("(deputies.post = ? OR deputies.deputy_post = ?)", actor.Post, actor.Post)`, `return db`},
	{"a supervisor sees deputies of offices beyond his area", deputyScope, `return db.Where("deputies.office IN (SELECT id FROM offices WHERE "+condition+")", code)`, "_, _ = condition, code\n\t\t\treturn db"},
	{"other roles see deputies", deputyScope, `return db.Where("1 = 0")`, `return db`},
	{"anybody names a deputy", "internal/deputy/desk.go", "if err := actor.Must(Roles...); err != nil {\n\t\treturn Seen{}, err", "if err := error(nil); err != nil {\n\t\treturn Seen{}, err"},
	{"anybody is told who his colleagues are", "internal/deputy/desk.go", "if err := actor.Must(Roles...); err != nil {\n\t\treturn nil, err", "if err := error(nil); err != nil {\n\t\treturn nil, err"},
	{"anybody who sees a case claims it", "internal/casework/hall.go", "if err := actor.Must(hallRoles...); err != nil {\n\t\t\treturn err", "if err := error(nil); err != nil {\n\t\t\treturn err"},
	{"anybody gets the next case", "internal/casework/hall.go", "if err := actor.Must(hallRoles...); err != nil {\n\t\treturn Seen{}, err", "if err := error(nil); err != nil {\n\t\treturn Seen{}, err"},
	{"anybody who sees a case releases it", "internal/casework/hall.go", `if err := actor.Must(append(slices.Clone(hallRoles), supervisor)...); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody grants many at once", "internal/casework/bulk.go", `if err := actor.Must(decider); err != nil {`, `if err := error(nil); err != nil {`},
	{"everybody's cases are counted", "internal/casework/queues.go", `d.seenBy(actor), queue.Asked`, `d.seenBy(access.Round("")), queue.Asked`},
	{"everybody's appeals are counted", "internal/appeal/lists.go", `d.underWay(actor), queue.Asked`, `d.seenBy(access.Round("")), queue.Asked`},
	{"everybody's appeals are under way", "internal/appeal/ways.go", `return d.underWay(actor), store.PageOfFew`, `return d.seenBy(access.Round("")), store.PageOfFew`},
	{"an office sees what others were rated for", redressScope, `db = db.Where("redresses.office = ? AND redresses.office <> ''", actor.Office)`, ``},
	{"a window reads what was said of appeals", redressScope, `db = db.Where("redresses.kind = ?", kindFor(actor.Role))`, `_ = kindFor`},
	{"an area means nothing to redresses", redressScope, `db = db.Where("redresses."+condition, code)`, `_, _ = condition, code`},
	{"other roles see redresses", redressScope, `return db.Where("1 = 0")`, `return db`},
	{"a poor rating of an appeal that complains of him is there", redressScope, `return d.appeals.HideAbout(db, "redresses.object", actor)`, `return db`},
	{"the complaint of a master means nothing to those merged into it", complaints, `{"(SELECT COUNT(1) FROM appeals a WHERE a.id = ", "a.master"},`, ``},
	{"the complaint of a merged appeal means nothing to its master", complaints, `{"(SELECT COUNT(1) FROM appeals f WHERE f.master = ", "f.id"},`, ``},
	{"the complaint of a merged appeal means nothing to the others", complaints, `{"(SELECT COUNT(1) FROM appeals a JOIN appeals f ON f.master = a.master AND f.master <> '' WHERE a.id = ", "f.id"},`, ``},
	{"whoever is served means nothing", clientGuard, `client != "" && !slices.Contains(residents, client) {`, `client != "" && len(residents) == 0 {`},
	{"a case is shown to another client", "internal/casework/desk.go", `if err := account.Attends(db, actor, row.Applicant); err != nil {`, `if err := error(nil); err != nil {`},
	{"a case is begun for who is not served", "internal/casework/behalf.go", `if err := account.Attends(d.store.Read(ctx), actor, served.ID); err != nil {`, `if err := error(nil); err != nil {`},
	{"an errand is shown to another client", "internal/errand/desk.go", `account.Attends(db, actor, row.Principal)`, `nil`},
	{"a paper of the locker is shown to another client", "internal/locker/read.go", `account.Attends(db, actor, rows[0].Person)`, `nil`},
	{"a locker is shown to another client", "internal/locker/desk.go", `err = account.Attends(db, actor, p.ID)`, `_ = account.Attends`},
	{"full values are shown to another client", "internal/account/reveal.go", `err = Attends(db, actor, p.ID)`, `_ = Attends`},
	{"an appeal is shown to another client", "internal/appeal/desk.go", `return account.Attends(db, actor, a.Applicant)`, `return nil`},
	{"an appeal is handed in for who is not served", "internal/appeal/draft.go", `if err := account.Attends(d.store.Read(ctx), actor, served.ID); err != nil {`, `if err := error(nil); err != nil {`},
	{"a household names all while another client is served", "internal/account/known.go", `n > 0 && readsName(actor, client, p)`, `n > 0 && (client == "" || client != "")`},
	{"a bind code is made for who is not served", "internal/account/bind_code.go", `if err := Attends(tx.DB, actor, p.ID); err != nil {`, `if err := error(nil); err != nil {`},
	{"an account is closed of who is not served", "internal/account/close.go", `if err := Attends(tx.DB, tx.Actor, p.ID); err != nil {`, `if err := error(nil); err != nil {`},
	{"who is not served is corrected", "internal/account/correct.go", `if err := Attends(tx.DB, tx.Actor, p.ID); err != nil {`, `if err := error(nil); err != nil {`},
	{"what he wants corrected who is not served is decided", "internal/rights/correct.go", `account.Attends(db, actor, rows[0].Person)`, `nil`},
	{"consents of who is not served are listed", "internal/account/consent_list.go", `if err := Attends(db, actor, id); err != nil {`, `if err := error(nil); err != nil {`},
	{"consents and guardians of who is not served", "internal/family/family.go", `err = account.Attends(db, actor, append(others, p.ID)...)`, `_ = others`},
	{"a helper is named for who is not served", "internal/family/acting.go", `err = account.Attends(tx.DB, actor, p.ID)`, `_ = p.ID`},
	{"the help of others ends while another client is served", "internal/family/acting_list.go", `account.Attends(db, actor, rows[0].Principal, rows[0].Helper)`, `nil`},
	{"a household changes while another client is served", "internal/family/household_change.go", `err = account.Attends(tx.DB, actor, append(peopleOf(members), joins)...)`, `_ = joins`},
	{"a former client's photo is shown to the next", photoScope, `return true, account.Attends(d.store.Read(ctx), actor, f.Client)`, `return true, nil`},
	{"a former client's photo is given to the next", "internal/file/attach.go", `if err := account.Attends(tx.DB, tx.Actor, client); err != nil {`, `if _, err := client, error(nil); err != nil {`},
	{"a former client's upload goes on with the next", "internal/file/upload.go", `return &rows[0], account.Attends(db, actor, rows[0].Client)`, `return &rows[0], nil`},
	{"names are read while another is served", "internal/account/resident.go", `(client == "" || client == p.ID)`, `(client == "" || true)`},
	{"a ledger in full while somebody is served", ledgerDesk, `account.ServesNobody(d.store.Read(ctx), actor); err`, `error(nil); err`},
	{"who serves somebody is nobody", clientGuard, `err == nil && client != "" {`, `err != nil && client != "" {`},
	{"everybody's errands are counted", "internal/errand/queues.go", `seenBy(actor), queue.Asked`, `seenBy(access.Round("")), queue.Asked`},
	{"anybody takes ledgers", ledgerDesk, "if err := actor.Must(access.Clerk, access.Supervisor); err != nil {", "if err := error(nil); err != nil {"},
	{"supervisors take names in full", ledgerDesk, "if err := actor.Must(access.Clerk); err != nil {", "if err := error(nil); err != nil {"},
	{"ledgers of other areas are there", ledgerDesk, `if !actor.Area.Contains(area) {`, `if false {`},
	{"a ledger has the errands of other villages", ledgerDesk, `return db.Where("errands."+string(area.Level())+" = ?", area).`, `return db.`},
	{"anybody counts errands", "internal/errand/figures.go", "if err := actor.Must(access.Clerk, access.Supervisor); err != nil {", "if err := error(nil); err != nil {"},
	{"anybody entrusts", "internal/errand/entrust.go", `if err := actor.Must(access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody records on an errand", "internal/errand/desk.go", `if err := actor.Must(by...); err != nil {`, `if err := error(nil); err != nil {`},
	{"acts reach what the actor does not see", "internal/docket/docket.go", `row, err := d.Load(tx.DB, actor, id)`, `row, err := d.Find(tx.DB, id)`},
	{"anybody permits a correction", "internal/casework/correction.go", `if err := actor.Must(supervisor); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody brings papers later", "internal/casework/supplement.go", `if err := actor.Must(resident, clerk, window, reviewer); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody types the county's number in", "internal/casework/number.go", `if err := actor.Must(clerk, window); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody sees the differences with the county", "internal/casework/reconcile.go", `if err := actor.Must(supervisor); err != nil {`, `if err := error(nil); err != nil {`},
	{"differences of cases of other towns", "internal/casework/reconcile.go", `db = db.Where("EXISTS (?)", mine)`, ``},
	{"a town is told what only the county knows", "internal/casework/reconcile.go", `if actor.Area.Level() == access.CountyLevel {
		db = db.Where("(EXISTS (?)`, `if actor.Signed() {
		db = db.Where("(EXISTS (?)`},
	{"differences of anybody's cases", "internal/casework/reconcile.go", `mine := d.seenBy(actor)(db.Session(&gorm.Session{NewDB: true}).Model(&Case{}).Select("1")).Where(`, `mine := db.Session(&gorm.Session{NewDB: true}).Model(&Case{}).Select("1").Where(`},
	{"anybody edits a case", "internal/casework/draft.go", "if err := actor.Must(resident, clerk); err != nil {\n\t\t\treturn err\n\t\t}\n\t\tswitch {", "switch {"},
	{"the documents of a case are anybody's", "internal/casework/document.go", "if _, err := d.seenOrAsked(d.store.Read(ctx), actor, id); err != nil {\n\t\treturn nil, err", "if err := error(nil); err != nil {\n\t\treturn nil, err"},
	{"a document of a case is anybody's", "internal/casework/document.go", "if _, err := d.seenOrAsked(d.store.Read(ctx), actor, id); err != nil {\n\t\treturn Document{}, err", "if err := error(nil); err != nil {\n\t\treturn Document{}, err"},
	{"a document of any case", "internal/casework/document.go", `"id = ? AND case_id = ?", document, id)`, `"id = ?", document)`},
	{"who is asked about one case reads all", caseScope, `return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.case_id = cases.id AND q.office = ? AND q.office <> '' AND q.status = ?)", actor.Office, OpinionAsked)`, `return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.office = ? AND q.office <> '' AND q.status = ?)", actor.Office, OpinionAsked)`},
	{"any office reads what another is asked about", caseScope, `return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.case_id = cases.id AND q.office = ? AND q.office <> '' AND q.status = ?)", actor.Office, OpinionAsked)`, `return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.case_id = cases.id AND q.status = ?)", OpinionAsked)`},
	{"who was asked once reads for ever", caseScope, `return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.case_id = cases.id AND q.office = ? AND q.office <> '' AND q.status = ?)", actor.Office, OpinionAsked)`, `return db.Where("EXISTS (SELECT 1 FROM case_opinions q WHERE q.case_id = cases.id AND q.office = ? AND q.office <> '')", actor.Office)`},
	{"an office reads what another was asked", "internal/casework/opinion_give.go", `return db.Where("case_opinions.office = ? AND case_opinions.office <> ''", actor.Office)`, `return db`},
	{"anybody of the lead office asks", "internal/casework/opinion.go", `if err := actor.Must(reviewer, decider); err != nil {`, `if err := error(nil); err != nil {`},
	{"the internal words are everybody's", "internal/casework/opinion_give.go", `return c.asked || inHall(actor.Role) && c.Office == actor.Office`, `return c.ID != ""`},
	{"the history tells who gave opinions", "internal/casework/history.go", `|| !inside && slices.Contains(insideActs, events[i].Act) {`, `{`},
	{"the history tells who asked for opinions", "internal/casework/history.go", `if !inside && h.Act == askOpinionAct {`, `if false {`},
	{"anybody counts returns", "internal/casework/lists.go", `if err := actor.Must(supervisor); err != nil {`, `if err := error(nil); err != nil {`},
	{"a resident sees who helps others", actingScope, `return db.Where("(principal = ? OR helper = ? OR asked_index = ?)", actor.Person, actor.Person, phoneIndex)`, `return db`},
	{"a clerk sees who helps in other villages", actingScope, `return db.Where("principal IN (SELECT id FROM persons WHERE village = ?)", actor.Area)`, `return db`},
	{"other roles see who helps whom", actingScope, `return db.Where("1 = 0")`, `return db`},
	{"a resident sees other households", householdScope, `return db.Where("id IN (SELECT household FROM household_members WHERE open_person = ?)", actor.Person)`, `return db`},
	{"a clerk sees households of other villages", householdScope, `return db.Where("village = ?", actor.Area)`, `return db`},
	{"other roles see households", householdScope, `return db.Where("1 = 0")`, `return db`},
	{"anybody lists households", "internal/family/household_list.go", `if err := actor.Must(access.Resident, access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody makes households", "internal/family/household_change.go", `if err := actor.Must(access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody who sees a resident gives him a guardian", "internal/family/family.go", `err = actor.Must(access.Clerk)`, `err = nil`},
	{"any clerk gives guardians", "internal/family/family.go", `p, err := d.people.KnownTo(db, actor, id)`, `p, err := d.people.Known(db, id)`},
	{"everybody's consents are withdrawn", "internal/account/consent_list.go", `return db.Where("(person = ? OR given_by = ?)", person, person)`, `return db`},
	{"everybody's consents are read", "internal/account/consent_list.go", `store.Page(db.Where("person = ?", person), after, limit)`, `store.Page(db, after, limit)`},
	{"any clerk reads consents", "internal/account/consent_list.go", `onePerson(seenBy(actor)(db).Where("id = ? AND kind = ?", id, residentKind)); err != nil {`, `onePerson(db.Where("id = ? AND kind = ?", id, residentKind)); err != nil {`},
	{"anybody who sees a resident reads his consents", "internal/account/consent_list.go", `if err := actor.Must(access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody reads and sends others' uploads", "internal/file/upload.go", `err := db.Where("id = ? AND owner = ? AND created_at >= ?", id, actor.Person, now.Add(-looseFor))`, `err := db.Where("id = ? AND created_at >= ?", id, now.Add(-looseFor))`},
	{"what was taken out of the locker is there", lockerScope, `db = db.Where("locker_papers.removed_at IS NULL")`, ``},
	{"a resident opens everybody's locker", lockerScope, `return db.Where("locker_papers.person = ? AND locker_papers.person <> ''", actor.Person)`, `return db`},
	{"a clerk opens lockers of other villages", lockerScope, `return db.Where("EXISTS (SELECT 1 FROM persons p WHERE p.id = locker_papers.person AND p.village = ?)", actor.Area)`, `return db`},
	{"other roles open lockers", lockerScope, `return db.Where("1 = 0")`, `return db`},
	{"any clerk lists and fills lockers", "internal/locker/desk.go", `p, err := d.people.KnownTo(db, actor, person)`, `p, err := d.people.Known(db, person)`},
	{"whoever sees a case hands in stored papers", "internal/casework/lend.go", "if err := tx.Actor.Must(resident, clerk); err != nil {", "if err := error(nil); err != nil {"},
	{"whoever sees a case has the county look its papers up", "internal/casework/lookup.go", "if err := tx.Actor.Must(resident, clerk); err != nil {", "if err := error(nil); err != nil {"},
	{"whoever sees a case keeps its papers", "internal/casework/lend.go", "if err := actor.Must(resident, clerk); err != nil {", "if err := error(nil); err != nil {"},
	{"a clerk's keys are everybody's of his village", "internal/offline/seen.go", `db.Where("offline_acts.person = ? AND offline_acts.village = ?", actor.Person, actor.Area)`, `db.Where("offline_acts.village = ?", actor.Area)`},
	{"whether somebody of another village used a key is told", "internal/offline/keep.go", `Where("person = ?", k.actor.Person)`, `Where("person = ? OR village <> ?", k.actor.Person, k.actor.Area)`},
	{"anybody sends queued acts", "internal/offline/take.go", `if err := actor.Must(access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"a clerk sees other villages", appealScope, "case clerk:\n\t\t\tdb = inArea(db, actor)\n", "case clerk:\n"},
	{"a clerk sees what residents hand in themselves", appealScope, `db = db.Where("appeals.agent <> ''")`, ``},
	{"a grid worker sees other grids", appealScope, "case gridWorker:\n\t\t\tdb = inArea(db, actor)\n", "case gridWorker:\n"},
	{"a grid worker sees what is not open", appealScope, `db = db.Where("appeals.identity = ?", Public)`, ``},
	{"dispatcher and supervisor see other towns", appealScope, "case dispatcher, supervisor:\n\t\t\tdb = inArea(db, actor)\n", "case dispatcher, supervisor:\n"},
	{"a follow-up sees other towns", appealScope, "case followUp:\n\t\t\tdb = inArea(db, actor)\n", "case followUp:\n"},
	{"a follow-up sees what has no reply", appealScope, `db = db.Where("appeals.status IN ?", []string{string(Replied), string(FollowingUp), string(Concluded)})`, ``},
	{"an officer sees other offices", appealScope, `db = db.Where("EXISTS (SELECT 1 FROM appeal_offices o WHERE o.appeal = appeals.id AND o.office = ? AND o.office <> '')", actor.Office)`, ``},
	{"other roles see appeals", appealScope, `return db.Where("1 = 0")`, `return db`},
	{"an area means nothing", appealScope, `return db.Where("appeals."+condition, code)`, "_, _ = condition, code\n\treturn db"},
	{"nobody is recused", appealScope, `return recused(db, actor, today)`, "_ = today\n\t\treturn db"},
	{"he sees what complains of him", appealScope, `db = db.Where("appeals.about_person <> ?", actor.Person)`, ``},
	{"he sees what complains of an office of his", appealScope, `return db.Where("(appeals.about_office = '' OR appeals.about_office NOT IN"+
		" (SELECT office FROM posts WHERE person = ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)))", actor.Person, today, today)`, "_ = today\n\treturn db"},

	{"clerk and grid worker see the residents of all villages", residentScope, `residentKind).Where(condition, code)`, `residentKind).Where("(1 = 1 OR "+condition+")", code)`},
	{"a system administrator sees beyond the county", residentScope, "condition, code := actor.Scope()\n\t\t\treturn db.Where(condition, code)", `return db`},
	{"other roles see residents", residentScope, `return db.Where("1 = 0")`, `return db`},
	{"a security administrator sees beyond the staff", residentScope, `db.Where("kind = ?", staffKind)`, `db`},
	{"anybody makes accounts", "internal/account/staff.go", `if err := mayGive(actor, n.Post.Role); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody changes accounts", "internal/account/staff.go", `if err := actor.Must(access.SystemAdmin, access.SecurityAdmin); err != nil {`, `if err := error(nil); err != nil {`},
	{"a resident is managed like staff", "internal/account/staff.go", `seenBy(actor)(tx.DB).Where("id = ? AND kind = ?", id, staffKind)); err != nil {`, `seenBy(actor)(tx.DB).Where("id = ?", id)); err != nil {`},
	{"any administrator gives posts", "internal/account/term.go", "if err := mayGive(actor, t.Role); err != nil {", "if err := error(nil); err != nil {"},
	{"any administrator ends posts", "internal/account/term.go", "if err := mayGive(actor, p.Role); err != nil {", "if err := error(nil); err != nil {"},
	{"any administrator says what somebody does", "internal/account/duty.go", "if err := mayGive(actor, p.Role); err != nil {", "if err := error(nil); err != nil {"},
	{"anybody imports accounts", "internal/account/import.go", "if err := actor.Must(access.SystemAdmin); err != nil {", "if err := error(nil); err != nil {"},
	{"any administrator shuts out", "internal/account/disable.go", `if err := mayManage(actor, held); err != nil {`, `if err := error(nil); err != nil {`},
	{"any administrator takes second factors away", "internal/account/totp.go", `if err := actor.Must(access.SecurityAdmin); err != nil {`, `if err := error(nil); err != nil {`},
	{"any administrator makes WeChat codes", "internal/account/bind_staff.go", `if err := mayManage(actor, running(held, clock.DateOf(tx.Now))); err != nil {`, `if err := mayManage(actor, running(held, clock.DateOf(tx.Now))); err != nil && false {`},
	{"everybody's sessions", "internal/account/my_sessions.go", `tx.Where("person = ?", actor.Person).Order("id")`, `tx.Order("id")`},
	{"a clerk registers in other villages", "internal/account/register.go", `if !actor.Area.Contains(r.Village) {`, `if false {`},
	{"anybody registers residents", "internal/account/register.go", `if err := actor.Must(access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"any clerk makes bind codes", "internal/account/bind_code.go", `p, err := onePerson(seenBy(actor)(tx.DB).Where("id = ? AND kind = ?", id, residentKind))`, `p, err := onePerson(tx.Where("id = ? AND kind = ?", id, residentKind))`},
	{"anybody makes bind codes", "internal/account/bind_code.go", "if err := actor.Must(access.Clerk); err != nil {", "if err := error(nil); err != nil {"},
	{"anybody who sees a resident gets his numbers", "internal/account/reveal.go", `err = actor.Must(access.Clerk)`, `err = nil`},
	{"the numbers of residents of other villages", "internal/account/reveal.go", `onePerson(seenBy(actor)(db).Where(`, `onePerson(db.Where(`},
	{"a clerk closes accounts of other villages", "internal/account/close.go", `p, err := onePerson(seenBy(tx.Actor)(forUpdate(tx.DB)).Where(`, `p, err := onePerson(forUpdate(tx.DB).Where(`},
	{"anybody closes accounts", "internal/account/close.go", `if err := tx.Actor.Must(access.Resident, access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"a resident sees what others have corrected", correctionScope, `return db.Where("person = ?", actor.Person)`, `return db`},
	{"a clerk sees corrections of other villages", correctionScope, `return db.Where("village = ?", actor.Area)`, `return db`},
	{"other roles see corrections", correctionScope, `return db.Where("1 = 0")`, `return db`},
	{"a clerk corrects residents of other villages", "internal/account/correct.go", `p, err := onePerson(seenBy(tx.Actor)(forUpdate(tx.DB)).Where(`, `p, err := onePerson(forUpdate(tx.DB).Where(`},
	{"anybody corrects", "internal/account/correct.go", `if err := tx.Actor.Must(access.Clerk); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody's post is one's own", "internal/account/session.go", `if to.ID == "" || to.ID != post {`, `if to.ID == "" {`},

	{"everybody's loose photos", photoScope, `if !actor.Signed() || f.Owner != actor.Person {`, `if false {`},
	{"photos of what he does not see", photoScope, `return seer(ctx, actor, f.Object)`, "_ = seer\n\treturn true, nil"},
	{"whether he sees the photo means nothing", photoScope, `case err != nil || !seen:`, `case err != nil || !seen && false:`},
	{"everybody's messages", inboxScope, `d.store.Read(ctx).Where("person = ?", actor.Person)`, `d.store.Read(ctx)`},
	{"everybody's messages are marked", inboxScope, `tx.Where("id = ? AND person = ?", id, actor.Person)`, `tx.Where("id = ?", id)`},

	{"anybody reads the trail", "internal/audit/desk.go", "func (d *Desk) Trail(ctx context.Context, actor access.Actor, f Filter) ([]store.TrailBody, error) {\n\tif err := actor.Must(access.AuditAdmin); err != nil {", "func (d *Desk) Trail(ctx context.Context, actor access.Actor, f Filter) ([]store.TrailBody, error) {\n\tif err := error(nil); err != nil {"},
	{"anybody reads the heads", "internal/audit/desk.go", "func (d *Desk) Heads(ctx context.Context, actor access.Actor) ([]store.Head, error) {\n\tif err := actor.Must(access.AuditAdmin); err != nil {", "func (d *Desk) Heads(ctx context.Context, actor access.Actor) ([]store.Head, error) {\n\tif err := error(nil); err != nil {"},
	{"the trail of other counties", trailScope, `return db.Where("(COALESCE(area, '') = ? OR COALESCE(area, '') BETWEEN ? AND ?)", store.Nowhere, actor.Area, actor.Area+highest)`, `return db.Where("area <> ? OR 1 = 1", store.Nowhere)`},
	{"the trail of all areas", trailScope, `db = d.inArea(db, actor)`, ``},
	{"the trail of what complains of him", trailScope, `db = hide(db, actor)`, `_ = hide`},

	{"anybody changes offices", "internal/account/office_change.go", `if err := actor.Must(access.SystemAdmin); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody changes divisions", "internal/account/area_change.go", `if err := actor.Must(access.SystemAdmin); err != nil {`, `if err := error(nil); err != nil {`},

	{"anybody reads how long is kept", "internal/retention/retention.go", `if err := actor.Must(access.SystemAdmin); err != nil {`, `if err := error(nil); err != nil {`},
	{"anybody sees what is stuck", letterScope, "Stuck(ctx context.Context, actor access.Actor, after string, limit int) ([]store.Letter, error) {\n\tif err := actor.Must(access.SystemAdmin); err != nil {", "Stuck(ctx context.Context, actor access.Actor, after string, limit int) ([]store.Letter, error) {\n\tif err := error(nil); err != nil {"},
	{"anybody releases letters", letterScope, "var l store.Letter\n\tif err := actor.Must(access.SystemAdmin); err != nil {", "var l store.Letter\n\tif err := error(nil); err != nil {"},
	{"anybody reads the county's news", "internal/county/desk.go", `if err := who.Must(access.SystemAdmin); err != nil {`, `if err := error(nil); err != nil {`},
	{"the county's signature is not checked", "internal/county/sign.go", `k.ID == id && hmac.Equal([]byte(k.Signature(timestamp, nonce, m)), []byte(signature))`, `k.ID == id && signature != ""`},

	{"the flow does not ask who", "internal/flow/flow.go", "r.Do == do && slices.Contains(r.By, by) {", "r.Do == do {"},
	{"anybody rates a case", "internal/casework/rated.go", `tx.Actor.Must(access.Resident, access.Clerk)`, `tx.Actor.Must(access.Roles()...)`},
	{"anybody rates", "internal/appeal/rated.go", `tx.Actor.Must(access.Resident, access.Clerk)`, `tx.Actor.Must(access.Roles()...)`},
	{"anybody gets the phone", "internal/appeal/reveal.go", `if !calls {`, `if !calls && false {`},
	{"any query code opens", "internal/store/tries.go", `subtle.ConstantTimeCompare([]byte(given), []byte(kept)) != 1`, `subtle.ConstantTimeCompare([]byte(given), []byte(kept)) < 0`},

	{"past log-ins of everybody are in the copy", "internal/account/copy.go", `d.store.Read(ctx).Where("person = ?", actor.Person)`, `d.store.Read(ctx)`},
	{"photos of everybody are in the copy", "internal/file/copy.go", `d.store.Read(ctx).Where("owner = ?", actor.Person)`, `d.store.Read(ctx)`},
	{"who looked at anybody is told", "internal/audit/readings.go", `Where("object = ? AND act = ? AND person <> ?", actor.Person, readAct, actor.Person)`, `Where("act = ? AND person <> ?", readAct, actor.Person)`},
	{"live log-ins of everybody are listed", "internal/account/my_sessions.go", `db.Where("person = ? AND ended_at IS NULL AND ver = ? AND idle_until > ?", p.ID, p.TokenVersion, d.now().UTC())`, `db.Where("ended_at IS NULL AND ver = ? AND idle_until > ?", p.TokenVersion, d.now().UTC())`},
	{"a copy has all appeals that its reader sees", "internal/appeal/copy.go", `.Where("applicant = ?", person)`, ``},
	{"a copy has all cases that its reader sees", "internal/casework/copy.go", `.Where("cases.applicant = ?", person)`, ``},
	{"a copy has all errands that its reader sees", "internal/errand/copy.go", `.Where("errands.principal = ?", person)`, ``},
	{"a copy has all lockers that its reader sees", "internal/locker/copy.go", `.Where("locker_papers.person = ?", person)`, ``},
	{"a locker has all papers that its reader sees", "internal/locker/read.go", `seenBy(actor)(db).Where("locker_papers.person = ?", person)`, `seenBy(actor)(db)`},
	{"the open appeals of others keep an account", "internal/appeal/pending.go", `Where("applicant = ? AND status IN ?", person, beforeReply)`, `Where("status IN ?", beforeReply)`},
	{"the open cases of others keep an account", "internal/casework/pending.go", `Where("cases.applicant = ? AND cases.status IN ?", person, waiting)`, `Where("cases.status IN ?", waiting)`},
	{"letters of other counties are stuck here", letterScope, `return db.Where("(outbox.area = '' OR outbox.area >= ? AND outbox.area <= ?)", actor.Area, actor.Area+highest)`, `return db`},
	{"anybody files in anybody's name", "internal/family/acting_list.go", `db.Model(&actingRow{}).Where("helper = ? AND principal = ? AND status = ?", actor.Person, principal, ActingActive)`, `db.Model(&actingRow{}).Where("status = ?", ActingActive)`},
	{"helpers file after the last day", "internal/family/acting_list.go", `
		Where("valid_from <= ? AND valid_until >= ?", today, today).Count(&helped).Error`, `
		Where("? <= ?", today, today).Count(&helped).Error`},
	{"of anybody's file it is told that it is no photo", "internal/file/attach.go", `tx.Model(&File{}).Where("id IN ? AND owner = ? AND media <> ?", ids, tx.Actor.Person, JPEG)`, `tx.Model(&File{}).Where("id IN ? AND media <> ?", ids, JPEG)`},
	{"of anybody's photo it is told that another client waits for it", "internal/file/attach.go", `tx.Model(&File{}).Where("id IN ? AND owner = ? AND object = ? AND client <> ?", ids, tx.Actor.Person, "", "")`, `tx.Model(&File{}).Where("id IN ? AND object = ? AND client <> ?", ids, "", "")`},
	{"of anybody's photo it is told that its digest is here", "internal/file/loose.go", `Where("owner = ? AND sha256_sent IN ? AND object = ?", actor.Person, digests, "")`, `Where("sha256_sent IN ? AND object = ?", digests, "")`},
	{"of anybody's photo it is told that it is here", "internal/file/loose.go", `Where("id IN ? AND (owner = ? OR object <> ?)", ids, actor.Person, "")`, `Where("id IN ?", ids)`},
	{"drafts of everybody wait for a client", "internal/casework/leave.go", `Where("applicant = ? AND agent = ? AND status = ?", client, tx.Actor.Person, string(Draft))`, `Where("status = ?", string(Draft))`},
	{"drafts that the client began himself wait for him", "internal/casework/leave.go", `Where("applicant = ? AND agent = ? AND status = ?", client, tx.Actor.Person, string(Draft))`, `Where("applicant = ? AND status = ?", client, string(Draft))`},
	{"errands of everybody wait for a client", "internal/errand/leave.go", `Where("principal = ? AND agent = ? AND status IN ?", client, tx.Actor.Person, before)`, `Where("status IN ?", before)`},
	{"anybody hands in another's photo", "internal/file/attach.go", `tx.Model(&File{}).Where("id = ? AND owner = ? AND object = ?", id, tx.Actor.Person, "")`, `tx.Model(&File{}).Where("id = ? AND object = ?", id, "")`},
	{"other roles read what an office was asked", "internal/casework/opinion_give.go", `return db.Where("1 = 0")`, `return db`},
}

package appeal

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/store"
)

// complaint is handed in by the other resident.
func (h *house) complaint(office, person string) string {
	h.t.Helper()
	in := submission()
	in.Class, in.AboutOffice, in.AboutPerson = Complaint, office, person
	receipt, err := h.Submit(h.t.Context(), h.other, in)
	must(h.t, err)
	return receipt.Appeal.ID
}

func TestNoMergerIntoTheHandsOfWhomItComplainsOf(t *testing.T) {
	h := open_(t)
	civil, water := h.office("civil-affairs"), h.office("water")
	owner := h.officer().Person
	led := h.to(Accepted, h.submit().ID)
	_, err := h.Dispatch(t.Context(), h.dispatcher(), led, Order{Office: civil, CoOffices: []string{water}})
	must(t, err)
	owned := h.to(Handling, h.submit().ID)
	answered := h.to(Accepted, h.submit().ID)
	must(t, h.do(Answer, h.dispatcher(), answered))
	decided := h.to(Accepted, h.submit().ID)
	h.force(decided, map[string]any{"decided_office": civil})
	moved := h.to(Handling, h.submit().ID) // the owner serves at the water office too since
	h.seat(owner, water)
	hall := h.as("dispatcher-hall", dispatcher)

	for name, c := range map[string]struct {
		master, office, person string
		fault                  error
	}{
		"the lead":                    {led, civil, "", ErrMasterComplainedOf},
		"a co-handler":                {led, water, "", ErrMasterComplainedOf},
		"who serves at the lead":      {led, "", owner, ErrMasterComplainedOf},
		"who serves at a co-handler":  {led, "", h.as("officer-water", officer).Person, ErrMasterComplainedOf},
		"the owner":                   {owned, "", owner, ErrMasterComplainedOf},
		"another office of the owner": {moved, water, "", ErrMasterComplainedOf},
		"who answered at once":        {answered, "", h.dispatcher().Person, ErrMasterComplainedOf},
		"the office decided on":       {decided, civil, "", ErrMasterComplainedOf},
		"somebody else's office":      {led, h.office("housing"), "", nil},
		"somebody else":               {owned, "", h.as("officer-housing", officer).Person, nil},
		"nobody":                      {led, "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			id := h.complaint(c.office, c.person)
			_, err := h.Merge(t.Context(), hall, id, Merger{Master: c.master})
			if c.fault == nil {
				must(t, err)
				return
			}
			want(t, err, c.fault)
			if row := h.row(id); row.Status != Submitted || row.Master != "" {
				t.Errorf("it is %s, merged into %q", row.Status, row.Master)
			}
		})
	}
	h.sound()
}

func TestAMasterGoesToNobodyWhomAFollowerComplainsOf(t *testing.T) {
	h := open_(t)
	civil, water, housing := h.office("civil-affairs"), h.office("water"), h.office("housing")
	id := h.submit().ID
	for _, follower := range []string{h.complaint(civil, ""), h.complaint("", h.as("officer-water", officer).Person)} {
		_, err := h.Merge(t.Context(), h.dispatcher(), follower, Merger{Master: id})
		must(t, err)
	}
	must(t, h.do(Accept, h.dispatcher(), id))
	hand := func(do func(Order) (Seen, error)) {
		t.Helper()
		for _, order := range []Order{
			{Office: civil}, {Office: water}, {Office: housing, CoOffices: []string{civil}}, {Office: housing, CoOffices: []string{water}},
		} {
			before := h.row(id)
			_, err := do(order)
			want(t, err, ErrComplainedOf)
			if now := h.row(id); now.Version != before.Version || now.Office != before.Office {
				t.Errorf("refused, it is at %s", now.Office)
			}
		}
		_, err := do(Order{Office: housing})
		must(t, err)
	}
	hand(func(o Order) (Seen, error) { return h.Dispatch(t.Context(), h.dispatcher(), id, o) })
	hand(func(o Order) (Seen, error) { return h.Reassign(t.Context(), h.supervisor(), id, o) })

	h.force(id, map[string]any{"send_backs": h.limits.SendBack.Times})
	must(t, h.do(AskSendBack, h.as("officer-housing", officer), id))
	_, err := h.AgreeSendBack(t.Context(), h.supervisor(), id, SendBackDecision{Office: civil})
	want(t, err, ErrComplainedOf)
	h.sound()
}

// He came to the office after the dispatch; or he would answer himself. Neither learns that somebody complained.
func TestAFollowersComplaintKeepsHimFromTheMaster(t *testing.T) {
	h := open_(t)
	late := h.as("officer-housing", officer)
	master, answered := h.submit().ID, h.to(Accepted, h.submit().ID)
	for follower, master := range map[string]string{h.complaint("", late.Person): master, h.complaint("", h.dispatcher().Person): answered} {
		_, err := h.Merge(t.Context(), h.as("dispatcher-hall", dispatcher), follower, Merger{Master: master})
		must(t, err)
	}
	want(t, h.do(Answer, h.dispatcher(), answered), ErrNotOwner)
	must(t, h.do(Answer, h.as("dispatcher-hall", dispatcher), answered))

	h.to(Dispatched, master)
	h.seat(late.Person, h.officer().Office)
	late.Office = h.officer().Office
	want(t, h.do(Acknowledge, late, master), ErrNotOwner)
	must(t, h.do(Acknowledge, h.officer(), master))
	h.sound()
}

func TestFsckFindsWhoHandlesAComplaintOfHimself(t *testing.T) {
	h := open_(t)
	civil := h.office("civil-affairs")
	master := h.to(Handling, h.submit().ID)
	check := func(want int) {
		t.Helper()
		faults, err := h.store.Fsck(t.Context(), Checks())
		must(t, err)
		if len(faults) != want {
			t.Errorf("fsck: %v", faults)
		}
	}
	for _, about := range []map[string]any{{"about_office": civil}, {"about_person": h.officer().Person}} {
		follower := h.complaint("", "")
		_, err := h.Merge(t.Context(), h.dispatcher(), follower, Merger{Master: master})
		must(t, err)
		check(0)
		h.force(follower, about)
		check(1)
		h.force(follower, map[string]any{"about_office": "", "about_person": ""})
	}
	h.force(master, map[string]any{"about_person": h.officer().Person})
	check(1)
}

func TestWhatNoDispatcherMaySeeIsRefusedAtOnce(t *testing.T) {
	h := open_(t)
	centre, hall := h.office("appeal-centre"), h.office("county-hall")
	one, two := h.dispatcher(), h.as("dispatcher-hall", dispatcher)
	hand := func(office, person string) error {
		in := Submission{Class: Report, Text: "派单员把举报信转给了被举报的人。", Village: xinglin, Identity: Anonymous, AboutOffice: office, AboutPerson: person}
		_, err := h.Submit(t.Context(), access.Stranger(), in)
		return err
	}
	for _, about := range [][2]string{{centre, ""}, {hall, ""}, {"", one.Person}, {"", two.Person}} {
		must(t, hand(about[0], about[1]))
	}
	want(t, hand(centre, two.Person), ErrNobodyToAccept)
	want(t, hand(hall, one.Person), ErrNobodyToAccept)

	// The second one leaves, or serves at the centre as well.
	today := clock.DateOf(h.store.Clock().Now())
	h.seat(two.Person, centre)
	want(t, hand(centre, ""), ErrNobodyToAccept)
	must(t, hand(hall, ""))
	h.change("posts", two.Post, map[string]any{"valid_until": today.AddDays(-1)})
	want(t, hand("", one.Person), ErrNobodyToAccept)
	must(t, hand("", ""))
	must(t, hand(h.office("water"), two.Person))

	// One of another town helps nobody; one of this town does; and not when his account is closed.
	h.change("posts", two.Post, map[string]any{"valid_until": today, "area": "219901201"})
	want(t, hand("", one.Person), ErrNobodyToAccept)
	h.change("posts", two.Post, map[string]any{"area": "219901101"})
	must(t, hand("", one.Person))
	h.change("persons", two.Person, map[string]any{"disabled_at": h.store.Clock().Now()})
	want(t, hand("", one.Person), ErrNobodyToAccept)
}

// force writes past the desk, as only a mistake would.
func (h *house) force(id string, columns map[string]any) {
	h.t.Helper()
	h.change("appeals", id, columns)
	must(h.t, h.store.Write(h.t.Context(), access.Round(""), func(tx *store.Tx) error {
		var a Appeal
		if err := tx.Where("id = ?", id).Take(&a).Error; err != nil {
			return err
		}
		if err := tx.Where("appeal = ?", id).Delete(&aboutRow{}).Error; err != nil {
			return err
		}
		return keepAbout(tx, &a)
	}))
}

func (h *house) change(table, id string, columns map[string]any) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Table(table).Where("id = ?", id).UpdateColumns(columns).Error
	}))
}

// seat gives somebody a further post as an officer.
func (h *house) seat(person, office string) {
	h.t.Helper()
	must(h.t, h.store.Write(h.t.Context(), access.Round(""), func(tx *store.Tx) error {
		return tx.Create(&account.Post{
			ID: tx.NewID(), Person: person, Role: officer, Title: "承办人", Office: office, Area: "219901",
			ValidFrom: clock.DateOf(tx.Now), CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}).Error
	}))
}

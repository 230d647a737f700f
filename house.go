package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"tongban/api"
	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/audit"
	"tongban/internal/cache"
	"tongban/internal/casework"
	"tongban/internal/catalog"
	"tongban/internal/clock"
	"tongban/internal/county"
	"tongban/internal/courier"
	"tongban/internal/deputy"
	"tongban/internal/errand"
	"tongban/internal/family"
	"tongban/internal/file"
	"tongban/internal/locker"
	"tongban/internal/notice"
	"tongban/internal/offline"
	"tongban/internal/page"
	"tongban/internal/rating"
	"tongban/internal/retention"
	"tongban/internal/rights"
	"tongban/internal/secret"
	"tongban/internal/sms"
	"tongban/internal/store"
	"tongban/internal/wechat"
)

// house is the program put together: every desk once, each given what stands before it.
type house struct {
	settings config.Settings
	log      *slog.Logger
	store    *store.Store
	cache    *cache.Cache
	folder   *file.Folder
	files    *file.Desk
	accounts *account.Desk
	families *family.Desk
	catalog  *catalog.Desk
	notices  *notice.Desk
	locker   *locker.Desk
	deputies *deputy.Desk
	cases    *casework.Desk
	errands  *errand.Desk
	offline  *offline.Desk
	appeals  *appeal.Desk
	ratings  *rating.Desk
	rights   *rights.Desk
	keeper   *retention.Keeper
	inbox    *courier.Inbox
	pushes   *wechat.Inbox
	push     *wechat.Push    // nil when message push is off
	county   *county.Desk    // nil without a platform of the county's own
	platform county.Platform // likewise
	courier  *courier.Courier
	metrics  *prometheus.Registry // nil when nobody fetches them
	api      *api.Server
	shown    string // the last change to an office that the guides know of

	registers county.Registers // nil: the county's hall looks papers up
}

// openStore opens the database with the program's clock and keys, for serving.
func (p program) openStore(ctx context.Context) (*store.Store, error) { return p.open(ctx, false) }

// open it: patient for the commands of an operator, who waits as long as it takes.
func (p program) open(ctx context.Context, patient bool) (*store.Store, error) {
	c := clock.System()
	if p.settings.TestClockFile != "" {
		var err error
		if c, err = clock.FromFile(ctx, p.settings.TestClockFile); err != nil {
			return nil, err
		}
	}
	keys, err := secret.Follow(p.settings.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		keys, err = p.newKeys(ctx)
	}
	if err != nil {
		return nil, err
	}
	return p.connect(ctx, store.Options{Clock: c, Keys: keys, Patient: patient})
}

// connect opens the database, if the keys are its own.
func (p program) connect(ctx context.Context, o store.Options) (*store.Store, error) {
	o.Database, o.Log, o.AnyClock = p.settings.Database, p.log, p.settings.Env == config.Demo
	s, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := s.KeysFit(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", p.settings.KeyFile, err), s.Close())
	}
	return s, nil
}

// newKeys makes the file of keys at the first start outside production. Where the database was written to already its own
// keys are missing and are to be put back: others are not even kept.
func (p program) newKeys(ctx context.Context) (*secret.Keys, error) {
	if p.settings.Env == config.Production {
		return nil, fmt.Errorf("production does not make keys by itself: run `tongban keys` once and keep a copy: %s is missing", p.settings.KeyFile)
	}
	keys, err := secret.MakeFor(secret.Cipher(p.settings.Cipher))
	if err != nil {
		return nil, err
	}
	s, err := p.connect(ctx, store.Options{Clock: clock.System(), Keys: keys})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Close(), saveKeys(p.settings, keys)); err != nil {
		return nil, err
	}
	return secret.Follow(p.settings.KeyFile)
}

// build puts the house together on an open, migrated store.
func (p program) build(ctx context.Context, s *store.Store) (*house, error) {
	h := &house{settings: p.settings, log: p.log, store: s}
	county := p.settings.CountyFS()
	rules, err := readCounty(county)
	if err != nil {
		return h, err
	}
	if lacking := rules.cases.Texts.Lacking(); len(lacking) > 0 {
		p.log.Warn("documents.yaml: "+daysUnsaid, "texts", lacking)
	}
	if h.cache, err = cache.Open(p.settings.Redis, s.Clock(), p.log); err != nil {
		return h, err
	}
	if h.folder, err = p.openFiles(s); err != nil {
		return h, err
	}
	options := account.Options{Issuer: p.settings.BaseURL, SecondFactor: account.SecondFactor(p.settings.TOTP)}
	options.Staff = account.Life{Idle: p.settings.StaffIdle, Whole: p.settings.StaffLife}
	options.Resident = account.Life{Idle: p.settings.ResidentIdle, Whole: p.settings.ResidentLife}
	if p.settings.WeChatAppID != "" {
		if options.WeChat, err = wechat.New(p.settings.WeChatURL, p.settings.WeChatAppID, p.settings.WeChatSecret, s.Clock(), p.log); err != nil {
			return h, err
		}
	}
	if h.push, err = p.openPush(s.Clock()); err != nil {
		return h, err
	}
	if p.settings.SMSURL != "" {
		if options.SMS, err = sms.New(p.settings.SMSURL, p.settings.SMSKey, s.Clock(), p.log); err != nil {
			return h, err
		}
	}
	if err := h.openPlatform(s, county); err != nil {
		return h, err
	}
	if err := h.openRegisters(s.Clock()); err != nil {
		return h, err
	}
	h.files = file.New(s, h.folder)
	h.accounts = account.New(s, options)
	h.families = family.New(s, h.accounts)
	h.catalog = catalog.New(s, h.cache, p.log, api.EncodeGuide)
	h.notices = notice.New(s, h.catalog, h.accounts)
	h.deputies = deputy.New(s, h.accounts)
	h.cases = casework.New(s, rules.calendar, rules.cases, h.files, h.accounts, h.catalog, h.notices)
	h.locker = locker.New(s, h.files, h.accounts, h.families)
	h.cases.LentBy(h.locker)
	h.cases.Connect(h.platform, h.county)
	h.cases.LooksUpIn(h.registers)
	if err := h.cases.CheckTexts(ctx); err != nil {
		return h, err
	}
	h.errands = errand.New(s, rules.cases, h.files, h.accounts, h.families, h.cases)
	h.offline = offline.New(s, rules.offline, h.files, h.accounts)
	h.appeals = appeal.New(s, rules.calendar, rules.appeals, h.files, h.accounts)
	h.ratings = rating.New(s, rules.calendar, rules.ratings, h.accounts, h.appeals, h.cases)
	h.rights = rights.New(s, rights.Parts{
		People: h.accounts, Families: h.families, Appeals: h.appeals, Cases: h.cases, Errands: h.errands, Locker: h.locker, Ratings: h.ratings, Files: h.files,
		Trail: audit.New(s), // without recusal: it tells a resident who read his own data, and nothing else
	})
	h.inbox, h.pushes = courier.NewInbox(s), wechat.NewInbox(s)
	h.rights.ForgottenBy(h.inbox.Forget)
	h.rights.ForgottenBy(h.pushes.Forget)
	h.rights.MessagesBy(h.inbox.Copied)
	if h.keeper, err = openRetention(s, county); err != nil {
		return h, err
	}
	h.courier = h.newCourier()
	if err := h.load(ctx, county); err != nil {
		return h, err
	}
	return h, h.face(ctx)
}

// openPush makes what opens WeChat's pushes, if that is set up.
func (p program) openPush(c *clock.Clock) (*wechat.Push, error) {
	if p.settings.WeChatToken == "" {
		if p.settings.Env == config.Production {
			p.log.Warn("WeChat's message push is off: TONGBAN_WECHAT_TOKEN is not set")
		}
		return nil, nil // off is no error
	}
	return wechat.NewPush(p.settings.WeChatToken, p.settings.WeChatAESKey, p.settings.WeChatAppID, c)
}

// openFiles opens the folder of photos.
func (p program) openFiles(s *store.Store) (*file.Folder, error) {
	return file.OpenFolder(filepath.Join(p.settings.Data, "files"), s.Clock())
}

// face puts pages and API in front of the desks.
func (h *house) face(ctx context.Context) (err error) {
	pages := page.Deps{
		Catalog: h.catalog, Notices: h.notices, Cases: h.cases, Appeals: h.appeals, Accounts: h.accounts,
		BaseURL: h.settings.BaseURL, Proofs: h.settings.WeChatProofs, Status: api.Status, Log: h.log,
		Named:    func(ctx context.Context, village access.Area) error { return h.api.Named(ctx, village) },
		Numbered: func(ctx context.Context, number string) error { return h.api.Numbered(ctx, number) },
	}
	if h.settings.Env == config.Demo {
		if err := h.accounts.SetDemoPasswords(ctx); err != nil {
			return err
		}
		if pages.Staff, err = h.accounts.DemoAccounts(ctx); err != nil {
			return err
		}
		pages.Password = account.DemoPassword(h.store.Keys())
	}
	html := page.New(pages)
	deps := api.Deps{
		Store: h.store, Identify: h.accounts.Identify, Limiter: h.cache, Limits: h.settings.Limits, InFlight: h.settings.InFlight, Log: h.log,
		BaseURL: h.settings.BaseURL, TrustedProxies: h.settings.Proxies(), Version: version,
		Accounts: h.accounts, Families: h.families, Audit: audit.New(h.store, h.appeals.HideTrail), Catalog: h.catalog, Files: h.files,
		Notices: h.notices, Locker: h.locker, Deputies: h.deputies, Cases: h.cases, Errands: h.errands, Offline: h.offline, Appeals: h.appeals, Ratings: h.ratings, Rights: h.rights, Retention: h.keeper, Inbox: h.inbox, Letters: courier.NewLetters(h.store),
		County: h.county, Push: h.push, Pushes: h.pushes, CodeOf: h.codeOfNotice, Sorry: html.Sorry, CopyPage: html.Copy, DocumentsPage: html.Documents,
	}
	if h.settings.MetricsListen != "" {
		h.metrics = gather(h.store, h.log)
		deps.Meters = h.metrics
	}
	for _, r := range html.Routes() {
		deps.Pages = append(deps.Pages, api.Page(r))
	}
	h.api, err = api.New(deps)
	return err
}

// codeOfNotice finds the codes that stand on notices instead of walls.
func (h *house) codeOfNotice(ctx context.Context, code string) (catalog.Code, error) {
	n, err := h.notices.ByCode(ctx, code)
	return catalog.Code{Code: n.Code, Kind: notice.CodeKind, ID: n.ID, Village: n.Village.Code}, err
}

// bareAPI is the API without anything behind it: it can tell its routes and its document.
func bareAPI() (*api.Server, error) {
	var deps api.Deps
	for _, r := range page.New(page.Deps{}).Routes() {
		deps.Pages = append(deps.Pages, api.Page(r))
	}
	return api.New(deps)
}

// close gives everything back, in the opposite order.
func (h *house) close() error {
	var faults []error
	if h.cache != nil {
		faults = append(faults, h.cache.Close())
	}
	if h.folder != nil {
		faults = append(faults, h.folder.Close())
	}
	return errors.Join(append(faults, h.store.Close())...)
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tongban/config"
	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/appeal"
	"tongban/internal/casework"
	"tongban/internal/county"
	"tongban/internal/errand"
	"tongban/internal/notice"
	"tongban/internal/offline"
	"tongban/internal/rating"
	"tongban/internal/rights"
	"tongban/internal/secret"
	"tongban/internal/store"
	"tongban/internal/wechat"
)

// sealedColumns is every column that holds sealed values. Whoever seals in a new one names it in his desk.
func sealedColumns() []store.Sealed {
	return slices.Concat(account.SealedColumns, notice.SealedColumns, casework.SealedColumns, errand.SealedColumns, offline.SealedColumns, appeal.SealedColumns, rating.SealedColumns, rights.SealedColumns, county.SealedColumns, wechat.SealedColumns, store.SealedColumns)
}

// keysEvery is how often a program that serves looks at the key file.
const keysEvery = 2 * time.Second

// keyRest is how long a key must not have been current before it may go: a token that it signed lives for so long, and no
// replica can have missed the change of the file any more.
const keyRest = account.TokenLife + time.Minute

// firstKeys is the first act of a new installation, before production would accept its settings. It never replaces a file.
func firstKeys(getenv func(string) string, out io.Writer) error {
	settings, err := readSettings(func(name string) string {
		if name == "TONGBAN_ENV" {
			return ""
		}
		return getenv(name)
	})
	if err != nil {
		return err
	}
	keys, err := secret.MakeFor(secret.Cipher(settings.Cipher))
	if err != nil {
		return err
	}
	if err := saveKeys(settings, keys); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "made %s: keep a copy elsewhere, without it the data cannot be read\n", settings.KeyFile)
	return err
}

func saveKeys(settings config.Settings, keys *secret.Keys) error {
	if err := os.MkdirAll(filepath.Dir(settings.KeyFile), 0o700); err != nil {
		return err
	}
	return keys.Save(settings.KeyFile)
}

const keysUsage = `usage: tongban keys list
       tongban keys rotate data|signing [--later]
       tongban keys use ID
       tongban keys retire ID [--leaked]`

// changeKeys are the acts on the keys of an installation that exists. The programs that serve notice by themselves.
func (p program) changeKeys(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("keys", flag.ContinueOnError)
	flags.SetOutput(p.out)
	later := flags.Bool("later", false, "publish the new key, and use it at `keys use`")
	leaked := flags.Bool("leaked", false, "do not wait until its tokens have ended: they are refused from now on")
	act, object := args[0], ""
	rest := args[1:]
	if len(rest) > 0 {
		object, rest = rest[0], rest[1:]
	}
	if err := flags.Parse(rest); err != nil {
		return err
	}
	if flags.NArg() > 0 || *later && act != "rotate" || *leaked && act != "retire" {
		return errors.New(keysUsage)
	}
	return p.withStore(ctx, func(s *store.Store) error {
		switch use := secret.Use(object); {
		case act == "list" && object == "":
			return p.listKeys(s)
		case act == "rotate" && (use == secret.Data || use == secret.Signing):
			return p.rotate(ctx, s, use, *later)
		case act == "use" && object != "":
			return p.useKey(ctx, s, object)
		case act == "retire" && object != "":
			return p.retire(ctx, s, object, *leaked)
		}
		return errors.New(keysUsage)
	})
}

func (p program) listKeys(s *store.Store) error {
	for _, k := range s.Keys().List() {
		state := "current"
		switch {
		case !k.Current && k.Until.IsZero():
			state = "published, not used yet"
		case !k.Current:
			state = "until " + k.Until.Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(p.out, "%-8s %-9s %-12s %s\n", k.Use, k.ID, k.Algorithm, state); err != nil {
			return err
		}
	}
	return nil
}

func (p program) rotate(ctx context.Context, s *store.Store, use secret.Use, later bool) error {
	id, err := secret.Add(p.settings.KeyFile, use, secret.Cipher(p.settings.Cipher))
	if err != nil {
		return err
	}
	if err := keyChanged(ctx, s, "key.add", id, use); err != nil {
		return err
	}
	if !later {
		return p.useKey(ctx, s, id)
	}
	_, err = fmt.Fprintf(p.out, "%s key %s is published: bring the file to every machine, then run `tongban keys use %s`\n", use, id, id)
	return err
}

func (p program) useKey(ctx context.Context, s *store.Store, id string) error {
	if err := secret.Switch(p.settings.KeyFile, id, s.Clock().Now()); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	if err := keyChanged(ctx, s, "key.use", id, ""); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "%s is the current key: keep a copy of the file elsewhere\n", id)
	return err
}

// retire refuses to lose what is still sealed with the key, and what it signed and still lives.
func (p program) retire(ctx context.Context, s *store.Store, id string, leaked bool) error {
	list := s.Keys().List()
	at := slices.IndexFunc(list, func(k secret.KeyInfo) bool { return k.ID == id })
	if at < 0 {
		return fmt.Errorf("%s: %w", id, secret.ErrNoKey)
	}
	rest := keyRest
	switch {
	case list[at].Use == secret.Data && leaked:
		return errors.New("what a data key sealed is lost with it: rotate, reseal, and retire it without --leaked")
	case leaked:
		rest = 0
	case list[at].Use == secret.Data:
		if err := p.nothingSealed(ctx, s, id); err != nil {
			return err
		}
	}
	if err := secret.Retire(p.settings.KeyFile, id, s.Clock().Now(), rest); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	if err := keyChanged(ctx, s, "key.retire", id, list[at].Use); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "%s is retired; backups made before need the old key file\n", id)
	return err
}

// nothingSealed looks through every sealed column for the data key.
func (p program) nothingSealed(ctx context.Context, s *store.Store, id string) error {
	if _, err := s.SweepClaims(ctx); err != nil {
		return err
	}
	var total int64
	for _, c := range sealedColumns() {
		n, err := s.SealedWith(ctx, c, id)
		if err != nil {
			return err
		}
		if total += n; n > 0 {
			why := "run `tongban reseal`"
			if c.Brief {
				why = "they expire by themselves"
			}
			fmt.Fprintf(p.out, "%s: %d values, %s\n", c, n, why)
		}
	}
	if total > 0 {
		return fmt.Errorf("%s: %d values are still sealed with it", id, total)
	}
	return nil
}

// keyChanged trails what was done to a key.
func keyChanged(ctx context.Context, s *store.Store, act, id string, use secret.Use) error {
	return s.Write(ctx, access.Round(""), func(tx *store.Tx) error {
		tx.Trail(store.Entry{Act: act, Kind: "key", Object: id, To: string(use)})
		return nil
	})
}

// reseal seals everything with the current data key.
func (p program) reseal(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return errors.New("usage: tongban reseal")
	}
	return p.withStore(ctx, func(s *store.Store) error {
		for _, c := range sealedColumns() {
			if c.Brief {
				continue
			}
			n, err := s.Reseal(ctx, c)
			fmt.Fprintf(p.out, "%-20s %d values, %d sealed anew, %d changed meanwhile\n", c, n.Seen, n.Sealed, n.Changed)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

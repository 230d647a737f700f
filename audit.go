package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tongban/internal/account"
	"tongban/internal/clock"
	"tongban/internal/store"
)

const auditUsage = "usage: tongban audit verify [--heads FILE] | tongban audit export [--from DAY] [--to DAY]"

// audit is `audit verify` and `audit export`. Neither changes anything.
func (p program) audit(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(auditUsage)
	}
	flags := flag.NewFlagSet("audit "+args[0], flag.ContinueOnError)
	flags.SetOutput(p.out)
	switch args[0] {
	case "verify":
		file := flags.String("heads", "", "a file of heads that were kept earlier: an export, or trail-heads.jsonl")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if flags.NArg() > 0 {
			return errors.New(auditUsage)
		}
		return p.verifyTrail(ctx, *file)
	case "export":
		var from, until clock.Date
		flags.TextVar(&from, "from", clock.Date{}, "the first day, such as 2026-11-23")
		flags.TextVar(&until, "to", clock.Date{}, "the last day")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if flags.NArg() > 0 {
			return errors.New(auditUsage)
		}
		return p.exportTrail(ctx, from, until)
	}
	return errors.New(auditUsage)
}

func (p program) verifyTrail(ctx context.Context, file string) error {
	var older []store.Head
	if file != "" {
		var err error
		if older, err = readHeads(file); err != nil {
			return err
		}
	}
	return p.withStore(ctx, func(s *store.Store) error {
		rows, err := s.Verify(ctx)
		if err == nil && rows == 0 {
			err = begun(ctx, s)
		}
		if err != nil {
			return err
		}
		if err := s.Holds(ctx, older); err != nil {
			return err
		}
		heads, err := s.Heads(ctx)
		if err != nil {
			return err
		}
		for _, h := range heads {
			fmt.Fprintf(p.out, "%-14s %s %6d %s\n", h.Area, h.Day, h.Length, h.Hash)
		}
		if file != "" {
			fmt.Fprintf(p.out, "%d older heads, all still there\n", len(older))
		}
		_, err = fmt.Fprintf(p.out, "%d rows, untouched\n", rows)
		return err
	})
}

// begun fails where a county is loaded, which is in the trail, and the trail is empty: it was thrown away as a whole.
func begun(ctx context.Context, s *store.Store) error {
	counties, err := account.New(s, account.Options{}).Areas(ctx, "")
	if err == nil && len(counties) > 0 {
		err = &store.Broken{Area: "*", What: "the whole trail is missing"}
	}
	return err
}

// exported is one line of an export: a row with the text that was hashed, or the head of an area.
type exported struct {
	Type   string          `json:"type"` // row or head
	Area   string          `json:"area"`
	Day    clock.Date      `json:"day"`
	Seq    int             `json:"seq,omitempty"`
	Length int             `json:"length,omitempty"`
	Hash   string          `json:"hash"`
	At     *time.Time      `json:"at,omitempty"` // when a head was written down
	Body   json.RawMessage `json:"body,omitempty"`
}

func headLine(h store.Head, at *time.Time) exported {
	return exported{Type: "head", Area: h.Area, Day: h.Day, Length: h.Length, Hash: h.Hash, At: at}
}

func (p program) exportTrail(ctx context.Context, from, until clock.Date) error {
	return p.withStore(ctx, func(s *store.Store) error {
		out := bufio.NewWriter(p.out)
		lines := json.NewEncoder(out)
		row := func(r store.TrailRow) error {
			return lines.Encode(exported{Type: "row", Area: r.Area, Day: r.Day, Seq: r.Seq, Hash: r.Hash, Body: json.RawMessage(r.Body)})
		}
		head := func(h store.Head) error { return lines.Encode(headLine(h, nil)) }
		if err := s.Export(ctx, from, until, row, head); err != nil {
			return err
		}
		return out.Flush()
	})
}

// longestLine bounds a line of a file of heads; a row of the trail is a few hundred bytes.
const longestLine = 1 << 20

// readHeads reads the heads among the lines of an export, or of the file that the round keeps.
func readHeads(name string) ([]store.Head, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var heads []store.Head
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var line exported
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("%s, line %d: no line of an export: %w", name, n, err)
		}
		switch {
		case line.Type == "head" && line.Area != "" && line.Length > 0 && line.Hash != "":
			heads = append(heads, store.Head{Area: line.Area, Day: line.Day, Length: line.Length, Hash: line.Hash})
		case line.Type != "row":
			return nil, fmt.Errorf("%s, line %d: neither a row nor a head", name, n)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(heads) == 0 {
		return nil, fmt.Errorf("%s holds no heads", name)
	}
	return heads, nil
}

// headsFile is where the heads are written down, beside the database. Copied elsewhere, it is what `audit verify --heads` asks for.
const headsFile = "trail-heads.jsonl"

// announceHeads writes where each chain of the trail stands into the log and into a file: who keeps either elsewhere can show
// a later cut. Done twice it says the same twice.
func (h *house) announceHeads(ctx context.Context) error {
	heads, err := h.store.Heads(ctx)
	if err != nil {
		return err
	}
	now := h.store.Clock().Now().UTC().Truncate(time.Second)
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	for _, head := range heads {
		h.log.InfoContext(ctx, "trail head", "area", head.Area, "day", head.Day.String(), "length", head.Length, "hash", head.Hash)
		if err := lines.Encode(headLine(head, &now)); err != nil {
			return err
		}
	}
	return appendTo(filepath.Join(h.settings.Data, headsFile), text.Bytes())
}

// appendTo adds to the end of a file and is back when it is on the disk.
func appendTo(name string, text []byte) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := endLine(name, f); err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(name)) // the file's name is kept by its folder
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// endLine ends what a power cut left in the middle of a line, so that the next line is whole.
func endLine(name string, f io.Writer) error {
	text, err := os.ReadFile(name)
	if err != nil || len(text) == 0 || text[len(text)-1] == '\n' {
		return err
	}
	_, err = f.Write([]byte("\n"))
	return err
}

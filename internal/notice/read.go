package notice

import (
	"context"
	"encoding/json"
	"errors"

	"tongban/internal/account"
	"tongban/internal/catalog"
	"tongban/internal/fault"
	"tongban/internal/secret"
	"tongban/internal/store"
)

// ByNumber opens a notice for whoever has its number and query code. The address is the caller's, for counting guesses;
// a wrong code and an unknown number give the same answer.
func (d *Desk) ByNumber(ctx context.Context, address, number, queryCode string) (Notice, error) {
	// What is no notice's number is counted under the empty one: strangers cannot fill the table of tries.
	kind, normal := store.NumberKind(number)
	if kind != "GZ" {
		normal = ""
	}
	n, err := d.find(ctx, "number = ?", normal)
	if err != nil {
		return Notice{}, err
	}
	if err := d.store.CheckCode(ctx, address, normal, n.QueryMAC, queryCode); err != nil {
		return Notice{}, err
	}
	return d.open(ctx, n)
}

// ByCode opens a notice for whoever holds the paper with its code, as scanned or typed.
func (d *Desk) ByCode(ctx context.Context, code string) (Notice, error) {
	canonical, err := catalog.ParseCode(code)
	if err != nil {
		return Notice{}, err
	}
	n, err := d.find(ctx, "code = ?", canonical)
	if err != nil {
		return Notice{}, err
	}
	if n.ID == "" {
		return Notice{}, catalog.ErrCodeUnknown
	}
	return d.open(ctx, n)
}

// CodeOf is the code on the paper of a notice of which the caller knows the id; catalog.ErrCodeUnknown when it was given up.
func (d *Desk) CodeOf(ctx context.Context, id string) (string, error) {
	n, err := d.find(ctx, "id = ?", id)
	if err == nil && n.ID == "" {
		err = catalog.ErrCodeUnknown
	}
	return n.Code, err
}

// find answers the empty row when there is none.
func (d *Desk) find(ctx context.Context, condition, value string) (row, error) {
	var rows []row
	err := d.store.Read(ctx).Where(condition, value).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return row{}, err
	}
	return rows[0], nil
}

// open rebuilds the notice from the version it was made of.
func (d *Desk) open(ctx context.Context, n row) (Notice, error) {
	keys := d.store.Keys()
	text, err := keys.Open(sealedAnswers(n.ID), n.Answers)
	if err != nil {
		return Notice{}, err
	}
	var answers map[string][]string
	if err := json.Unmarshal(text, &answers); err != nil {
		return Notice{}, err
	}
	name, err := secret.OpenName(keys, sealedName(n.ID), n.Name)
	if err != nil {
		return Notice{}, err
	}
	item, err := d.items.Version(ctx, n.Item, n.Version)
	if err != nil {
		return Notice{}, err
	}
	list, err := item.Prune(answers, nil)
	if err != nil {
		return Notice{}, err
	}
	village, err := d.accounts.Area(ctx, n.Village)
	if errors.Is(err, fault.NotFound) { // merged into another since; the paper stays good
		village, err = account.Area{Code: n.Village, Level: n.Village.Level(), Parent: n.Village.Parent()}, nil
	}
	if err != nil {
		return Notice{}, err
	}
	return d.assemble(n, village, name, answers, list), nil
}

// assemble puts the view together, with the offices and the catalogue of today.
func (d *Desk) assemble(n row, village account.Area, name secret.Name, answers map[string][]string, list catalog.Checklist) Notice {
	now := d.items.Now()
	inForce, err := now.Guide(n.Item)
	return Notice{
		ID: n.ID, Number: n.Number, Code: n.Code, Village: village, Name: name, Answers: answers,
		List: list, Places: now.PlacesIn(list.Item, n.Village),
		Outdated: err != nil || inForce.Version != n.Version, MadeAt: n.CreatedAt,
	}
}

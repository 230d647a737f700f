//go:build !race

package main

import (
	"testing"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/store"
	"tongban/internal/store/storetest"
)

// TestNobodyIsToldAfterHeLeft: the courier of the whole program keeps nothing for a closed account. An errand stands for all kinds,
// for its desk asks nothing itself.
func TestNobodyIsToldAfterHeLeft(t *testing.T) {
	h := inHouse(t, storetest.Address(t), t.TempDir(), "")
	const village access.Area = "219901101201"
	clerk := access.Actor{Person: "clerk", Post: "p", Role: access.Clerk, Office: "station", Area: village}
	rows := map[string]int64{}
	for _, name := range []string{"赵桂兰", "罗玉珍"} {
		r, err := h.accounts.RegisterResident(t.Context(), clerk, account.Registration{Name: name, Village: village, Consent: account.Consent{TextVersion: "2026-01", How: account.Signed}})
		if err != nil {
			t.Fatal(err)
		}
		err = h.store.Write(t.Context(), clerk, func(tx *store.Tx) error {
			id := tx.NewID()
			row := map[string]any{
				"id": id, "number": id[:30], "status": "filed", "version": 1, "case_id": "c", "item": "i", "item_name": "n", "county": village.County(), "town": village.Town(), "village": village, "grid": "",
				"principal": r.ID, "agent": "clerk", "relation": "", "scope": []byte{}, "powers": "", "valid_from": "2026-01-01", "valid_until": "2026-12-31", "method": "", "signature_sha256": "",
				"identity_how": "", "identity_document": "", "identity_by": "", "receiver_relation": "", "created_at": tx.Now, "updated_at": tx.Now,
			}
			tx.Emit(store.Message{Topic: "errand.file", Kind: "errand", Object: id, Area: village})
			return tx.Table("errands").Create(row).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if name == "赵桂兰" {
			if err := h.store.Write(t.Context(), clerk, func(tx *store.Tx) error {
				return tx.Table("persons").Where("id = ?", r.ID).UpdateColumn("closed_at", tx.Now).Error
			}); err != nil {
				t.Fatal(err)
			}
		}
		rows[r.ID] = int64(len(rows)) // the first was told nothing, the second once
	}
	if err := h.delivery(t.Context()); err != nil {
		t.Fatal(err)
	}
	for person, want := range rows {
		var n int64
		if err := h.store.Read(t.Context()).Table("inbox").Where("person = ?", person).Count(&n).Error; err != nil || n != want {
			t.Errorf("%d messages, want %d, %v", n, want, err)
		}
	}
}

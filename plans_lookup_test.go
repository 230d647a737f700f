//go:build !race

package main

import (
	"context"
	"fmt"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/casework"
	"tongban/internal/county"
)

const enrolled = "01932f00-4c00-7000-8000-000000000001" // 参保登记

// knowing are registers that hold whatever they are asked for.
type knowing struct{}

func (knowing) LookUp(context.Context, county.Inquiry) (county.Finding, error) {
	return county.Finding{Found: true, Ref: "HK-1"}, nil
}

// lookUpLife has the county look a paper up.
func (h *house) lookUpLife(actors map[string]access.Actor) call {
	clerk := actors["clerk-xinglin"]
	return call{"the county looks a paper up", func(ctx context.Context) error {
		h.cases.LooksUpIn(knowing{})
		agreed := account.Consent{TextVersion: ofVillages, How: account.Signed}
		elder, err := h.accounts.RegisterResident(ctx, clerk, account.Registration{Name: "周老汉", IDNumber: "110105195506010018", Village: clerk.Area, Consent: agreed})
		if err != nil {
			return err
		}
		begun, err := h.cases.Open(ctx, clerk, casework.Opening{
			Item: enrolled, Applicant: elder.ID, Answers: map[string][]string{"who": {"self"}, "hukou": {"here"}, "job": {"never"}, "aid": {"no"}, "pay": {"self"}},
		})
		if err != nil {
			return err
		}
		seen, err := h.cases.LookUp(ctx, clerk, begun.ID, casework.Inquiring{Material: "hukou_book", Consent: agreed})
		if err != nil {
			return err
		}
		if l := seen.Materials[1].Lookup; l == nil || l.Outcome != casework.LookupFound {
			return fmt.Errorf("came out as %+v", seen.Materials)
		}
		return nil
	}}
}

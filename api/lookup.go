package api

import (
	"time"

	"tongban/internal/casework"
)

// lookupView is what came of having the county look a paper up.
type lookupView struct {
	Outcome string    `json:"outcome" enum:"found,absent,down" doc:"查到了，不用交（以后再查没查成，也还算）；查不到，要交；没查成，可以再查，也可以直接交"`
	Ref     string    `json:"ref" doc:"查到的，县里数据的编号；没有查到过为空"`
	At      time.Time `json:"at" doc:"什么时候查的"`
}

func viewLookup(l *casework.Lookup) *lookupView {
	if l == nil {
		return nil
	}
	return &lookupView{l.Outcome, l.Ref, l.At}
}

type lookUpBody struct {
	Version  int           `json:"version,omitempty" minimum:"0" doc:"您看到的版本"`
	Material string        `json:"material" maxLength:"64" doc:"事项里的材料编号，只能是县里能查的（指南里 county_looks_up）"`
	Consent  eitherConsent `json:"consent" doc:"本人同意县里查这一份材料，只管这一次"`
}

func inquired(b lookUpBody) casework.Inquiring {
	return casework.Inquiring{Version: b.Version, Material: b.Material, Consent: b.Consent.consent()}
}

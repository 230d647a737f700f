package casework

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/clock"
	"tongban/internal/docket"
	"tongban/internal/fault"
)

// Delivery is how the decision came to the applicant (送达回证).
type Delivery struct {
	Version     int
	Method      string     // one of DeliveryMethods
	Relation    string     // who received it: one of Relations
	Receiver    string     // his name, unless it is the applicant himself
	At          *time.Time // nil: when he says that he did what he tells, else now; not before the decision, not in the future
	Proof       string     // what proves it: a signature, the number of the post; this or photos
	Attachments []string
}

// himself stands for the name of a receiver who is the applicant.
const himself = "本人"

// Deliver (送达) is done by a window, or by the clerk of a village that filed the case. That the applicant took it himself any clerk there writes
// down; for him it is taken by whoever may.
func (d *Desk) Deliver(ctx context.Context, actor access.Actor, id string, in Delivery) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Deliver, func(s *step) error {
		if in.Relation != Self {
			if err := s.mayAct(Deliver, s.tx.WhenAfter(*s.row.DecidedAt, in.At)); err != nil {
				return err
			}
		}
		return s.deliverAs(in)
	})
}

// deliverAs checks what is said of the delivery.
func (s *step) deliverAs(in Delivery) error {
	if err := s.choose("body.method", in.Method, DeliveryMethods); err != nil {
		return err
	}
	if !docket.Known(Relations, in.Relation) {
		return fault.Wrong("body.relation", "请选择由谁签收")
	}
	receiver := himself
	if in.Relation != "self" {
		var err error
		if receiver, err = docket.Typed("body.receiver", in.Receiver, 2, 40); err != nil {
			return err
		}
	}
	proof, err := docket.Typed("body.proof", in.Proof, 0, 500)
	if err != nil {
		return err
	}
	if proof == "" && len(in.Attachments) == 0 {
		return fault.Wrong("body.proof", "请写明送达凭据，或附上照片")
	}
	at := s.tx.WhenAfter(*s.row.DecidedAt, in.At)
	if at.After(s.now) || at.Before(*s.row.DecidedAt) {
		return fault.Wrong("body.at", "送达时间要在决定以后、现在以前")
	}
	s.files = in.Attachments
	s.deliver(at, deliveryRow{Method: in.Method, Relation: in.Relation}, receiver, proof)
	return nil
}

// deliver keeps how it came to the applicant, and when it is to be filed away.
func (s *step) deliver(at time.Time, row deliveryRow, receiver, proof string) {
	filed := clock.DateOf(at).AddDays(s.desk.rules.Conclude.Days).End()
	s.change(map[string]any{"delivered_at": at, "next_at": whole(filed), "counted_with": nil})
	s.paper = map[string]string{
		"method": WordText(DeliveryMethods, row.Method), "relation": WordText(Relations, row.Relation), "receiver": receiver, "proof": proof, "delivered_on": onDay(at),
	}
	row.ID, row.CaseID, row.DeliveredBy, row.DeliveredAt = s.tx.NewID(), s.row.ID, s.tx.Actor.Person, at
	row.Receiver, row.Proof = s.seal(sealedDelivery("receiver", row.ID), receiver), s.seal(sealedDelivery("proof", row.ID), proof)
	s.after(func() error { return s.tx.Create(&row).Error })
}

// Conclude files a delivered case away (归档): a window by hand, the program when the county's time is over.
func (d *Desk) Conclude(ctx context.Context, actor access.Actor, id string, in Plain) (Seen, error) {
	return d.act(ctx, actor, id, in.Version, Conclude, func(s *step) error {
		if actor.Role == system && (s.row.NextAt == nil || s.now.Before(*s.row.NextAt)) {
			return ErrTooEarly
		}
		s.set["concluded_at"] = s.now
		return nil
	})
}

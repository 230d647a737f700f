package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/casework"
	platform "tongban/internal/county"
	"tongban/internal/flow"
	"tongban/internal/workday"
)

type casesIn struct {
	Paging
	Status []flow.State  `query:"status" maxItems:"20" doc:"几个状态用逗号隔开"`
	Item   ID            `query:"item" doc:"哪个事项"`
	Light  workday.Light `query:"light" enum:"green,amber,red" doc:"绿、黄、红"`
	Mine   bool          `query:"mine" doc:"村办事员：我代办的；窗口：我收的；审查人、决定人：我审查、决定的"`
	Queue  string        `query:"queue" enum:"drafts,to_correct,to_receive,to_accept,to_review,in_review,to_decide,instant,by_hand,asking,suspended,to_deliver,to_file,mine,deputized,unclaimed,office,due_today,red,waiting" doc:"工作列表：草稿、待补正、待收件、待受理、待审查、审查中、待决定、即办、要手工报送县级平台、等其他单位意见的、特别程序中、待送达、待归档、我手里的、我替班的、没有人认领的、本单位待办、今天到期、已经超期、等别人的；各角色有哪些见 /cases/queues"`
	Free   bool          `query:"unclaimed" doc:"只看没有人认领的"`
	Order  string        `query:"order" enum:"newest,urgent" default:"newest" doc:"newest 新的在前；urgent 期限最早的在前"`
}

func (s *Server) listCases(ctx context.Context, in *casesIn) (*reply[list[CaseView]], error) {
	urgent := in.Order == "urgent"
	find := func(after string, limit int) ([]casework.Seen, error) {
		return s.Cases.List(ctx, access.From(ctx), casework.Filter{
			Status: in.Status, Item: string(in.Item), Light: in.Light, Mine: in.Mine, Queue: in.Queue, Free: in.Free, Urgent: urgent, After: after, Limit: limit,
		})
	}
	place := func(c casework.Seen) string { return c.ID }
	if urgent {
		place = casework.Seen.Place
	}
	return paged(ctx, s, in.Paging, find, place, viewCase)
}

func (s *Server) countCases(ctx context.Context, _ *struct{}) (*reply[countsOut], error) {
	counts, err := s.Cases.Counts(ctx, access.From(ctx))
	if err != nil {
		return nil, err
	}
	out := countsOut{Items: make([]countView, 0, len(counts))}
	for _, state := range casework.Flow.Open() {
		out.Items = append(out.Items, countView{state, casework.Flow.Text(state), counts[state]})
	}
	return show(out), nil
}

// caseWordsView are the coded reasons that acts on cases ask for, with their Chinese text.
type caseWordsView struct {
	DefectReasons    []wordView `json:"defect_reasons" doc:"补正 ask-correction.defects.reason"`
	RefuseReasons    []wordView `json:"refuse_reasons" doc:"不予受理 refuse.reason"`
	DismissReasons   []wordView `json:"dismiss_reasons" doc:"不受理 dismiss.reason"`
	ReleaseReasons   []wordView `json:"release_reasons" doc:"放回 release.reason"`
	Procedures       []wordView `json:"procedures" doc:"特别程序 suspend.procedure"`
	DenyReasons      []wordView `json:"deny_reasons" doc:"不予 deny.reason"`
	TerminateReasons []wordView `json:"terminate_reasons" doc:"终止 terminate.reason"`
	DeliveryMethods  []wordView `json:"delivery_methods" doc:"送达 deliver.method"`
	Relations        []wordView `json:"relations" doc:"送达 deliver.relation"`
	Positions        []wordView `json:"opinion_positions" doc:"提意见 give.position"`
	TakenWays        []wordView `json:"taken_ways" doc:"材料 papers.taken_as"`
}

func (s *Server) listCaseWords(context.Context, *struct{}) (*reply[caseWordsView], error) {
	words := func(list []casework.Word) []wordView {
		return views(list, func(w casework.Word) wordView { return wordView(w) })
	}
	return show(caseWordsView{
		words(casework.DefectReasons), words(casework.RefuseReasons), words(casework.DismissReasons), words(casework.ReleaseReasons), words(casework.Procedures),
		words(casework.DenyReasons), words(casework.TerminateReasons), words(casework.DeliveryMethods), words(casework.Relations), words(casework.Positions), words(casework.TakenWays),
	}), nil
}

// differenceView is what the county's platform and this program see differently of a case.
type differenceView struct {
	ID          string        `json:"id" format:"uuid"`
	Kind        platform.Kind `json:"kind" enum:"missing_there,missing_here,twice_there,number_differs,unknown_state,behind_here,behind_there,state_differs" doc:"那边没有、这边没有、那边有两件、编号不同、状态看不懂、这边落后、那边落后、状态不同"`
	Ref         string        `json:"number" doc:"本系统的办件编号"`
	Case        string        `json:"case" doc:"哪件办件；这边没有的为空"`
	OurState    string        `json:"our_state"`
	TheirState  string        `json:"their_state" doc:"看不懂或没有为空"`
	OurNumber   string        `json:"our_county_number" doc:"本系统记的县级平台编号"`
	TheirNumber string        `json:"their_county_number"`
	FoundAt     time.Time     `json:"found_at"`
	SeenAt      time.Time     `json:"seen_at" doc:"最近一次对账还在"`
}

func (s *Server) listDifferences(ctx context.Context, in *struct{ Paging }) (*reply[list[differenceView]], error) {
	find := func(after string, limit int) ([]casework.Difference, error) {
		return s.Cases.Differences(ctx, access.From(ctx), after, limit)
	}
	return paged(ctx, s, in.Paging, find, func(d casework.Difference) string { return d.ID }, func(d casework.Difference) differenceView { return differenceView(d) })
}

// returnsView is how often an office gave cases back (补正), and how often it asked again for what was visible before.
type returnsView struct {
	Office      string `json:"office" format:"uuid"`
	Corrections int    `json:"corrections"`
	Repeated    int    `json:"repeated" doc:"违反一次性告知的次数"`
}

type returnsOut struct {
	Items []returnsView `json:"items"`
}

type returnsIn struct {
	Year int `query:"year" minimum:"2020" maximum:"2199" doc:"哪一年的；不写为今年"`
}

func (s *Server) listReturns(ctx context.Context, in *returnsIn) (*reply[returnsOut], error) {
	offices, err := s.Cases.ReturnsByOffice(ctx, access.From(ctx), in.Year)
	if err != nil {
		return nil, err
	}
	return show(returnsOut{views(offices, func(r casework.Returns) returnsView { return returnsView(r) })}), nil
}

// Package catalog keeps the service items (事项): what a villager must know before applying, in versions, with the
// situations (情形) that decide which materials he needs, and the codes (二维码) printed on walls.
//
// The county's folder is loaded by the publish verb (Desk.Publish) after it passed the publisher's rules (Lint). The tables
// then hold the running truth. What villagers read comes from an immutable Snapshot of them in memory: a guide is a map
// look-up and bytes encoded once per publication.
package catalog

import "tongban/internal/fault"

// The faults of the catalogue.
var (
	ErrItemUnknown    = fault.New(fault.Missing, "catalog.item_unknown", "没有这个事项，请核对后再试")
	ErrItemRetired    = fault.New(fault.Missing, "catalog.item_retired", "这个事项已经停办，请到村便民服务站问一问")
	ErrVersionUnknown = fault.New(fault.Missing, "catalog.version_unknown", "没有这个版本的办事指南")
	ErrCodeUnknown    = fault.New(fault.Missing, "catalog.code_unknown", "没有这个码，请核对后再试")
	ErrCodeMistyped   = fault.New(fault.Missing, "catalog.code_mistyped", "这个码不对，可能抄错了一个字，请对照墙上再看一遍")
	ErrAnswerUnknown  = fault.New(fault.Invalid, "catalog.answer_unknown", "有的回答不在选项里，请重新选择")
	ErrRefused        = fault.New(fault.Invalid, "catalog.refused", "事项文件没有通过发布检查，请按提示修改")
)

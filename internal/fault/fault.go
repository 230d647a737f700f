// Package fault holds the errors that we promise to clients: a kind, a stable code and a sentence in plain Chinese.
//
// Each package declares its own faults as variables with New. Any other error is answered as Internal, without its text,
// because a foreign error's text may hold personal data. docs/errors.md is generated from All.
package fault

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind says what sort of trouble it is. The api package alone knows which HTTP status a kind has.
type Kind int

const (
	Malformed       Kind = iota + 1 // the request cannot be read
	Unauthenticated                 // no token, or a bad one
	Forbidden                       // a role or an act that is not yours
	Missing                         // not there, or not yours
	Conflict                        // a lost race, or a state that forbids the act
	TooLarge                        // over a size limit
	Unsupported                     // a media type that we do not take
	Invalid                         // readable, but a field is wrong
	TooMany                         // over a rate limit; try later
	Broken                          // our own error
	Unavailable                     // we cannot now; try later
)

// Fault is a declared error. Compare with errors.Is; add what this one occurrence needs with With, Field and so on.
type Fault struct {
	Kind  Kind
	Code  string // stable English, domain.reason
	Title string // a sentence for people, in Chinese
}

func (f *Fault) Error() string { return f.Code }

var (
	all       []*Fault
	codeShape = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z0-9]+)*$`)
)

// New declares a fault. It panics on an unknown kind and on a malformed or repeated code, so that a mistake cannot be shipped.
func New(kind Kind, code, title string) *Fault {
	if kind < Malformed || kind > Unavailable || !codeShape.MatchString(code) || title == "" {
		panic("fault: malformed declaration " + code)
	}
	if slices.ContainsFunc(all, func(f *Fault) bool { return f.Code == code }) {
		panic("fault: declared twice: " + code)
	}
	f := &Fault{kind, code, title}
	all = append(all, f)
	return f
}

// All lists every declared fault by code.
func All() []*Fault {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b *Fault) int { return strings.Compare(a.Code, b.Code) })
	return sorted
}

// The faults that every part of the program may meet.
var (
	NotFound  = New(Missing, "request.not_found", "没有找到，请核对后再试")
	NotYours  = New(Forbidden, "request.forbidden", "您没有办理这一步的权限")
	BadField  = New(Invalid, "request.invalid", "填写的内容有误，请按提示修改")
	Internal  = New(Broken, "request.internal", "系统出了问题，请稍后再试，或到村便民服务站办理")
	Busy      = New(Unavailable, "request.busy", "现在办事的人多，请稍等片刻再试")
	NeedLogin = New(Unauthenticated, "token.missing", "请先登录")
)

// Field is one wrong field. Location is a path such as body.text; Message is Chinese for people and never holds the value.
type Field struct{ Location, Message string }

// Current tells the loser of a race how the thing stands now.
type Current struct {
	Status  string
	Version int
	Offers  any
}

// Error is one occurrence of a fault.
type Error struct {
	*Fault
	Detail  string // more for people, in Chinese
	Fields  []Field
	Current *Current
	Wait    time.Duration // when it is worth trying again
	Cause   error         // for the log only
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Cause.Error()
	}
	return e.Code
}

// Unwrap lets errors.Is find both the declaration and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Fault}
	}
	return []error{e.Fault, e.Cause}
}

// Because keeps the cause for the log.
func (f *Fault) Because(cause error) *Error { return &Error{Fault: f, Cause: cause} }

// With adds a Chinese sentence for people.
func (f *Fault) With(format string, args ...any) *Error {
	return &Error{Fault: f, Detail: fmt.Sprintf(format, args...)}
}

// At names the wrong fields.
func (f *Fault) At(fields ...Field) *Error { return &Error{Fault: f, Fields: fields} }

// After says when it is worth trying again.
func (f *Fault) After(wait time.Duration) *Error { return &Error{Fault: f, Wait: wait} }

// Standing tells how the thing stands now.
func (f *Fault) Standing(now Current) *Error { return &Error{Fault: f, Current: &now} }

// Of finds the promised error in err; anything foreign becomes Internal.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		if err == error(f) {
			return &Error{Fault: f}
		}
		return f.Because(err) // what was wrapped around it is worth a line in the log
	}
	return &Error{Fault: Internal, Cause: err}
}

// Wrong is the fault of one wrong field: Wrong("body.text", "请写明诉求内容").
func Wrong(location, message string) *Error { return BadField.At(Field{location, message}) }

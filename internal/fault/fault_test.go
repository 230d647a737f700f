package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustPanic(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", name)
		}
	}()
	f()
}

func TestADeclarationCannotBeWrong(t *testing.T) {
	before := len(All())
	for _, code := range []string{
		"", "request", "request.", ".reason", "Request.reason", "request.Reason", "request.not-found", "request.not found",
		"request..reason", "request.reason.more", "request._reason", "request.reason_", "请求.原因", "request.reason\n",
	} {
		mustPanic(t, code, func() { New(Invalid, code, "句子") })
	}
	mustPanic(t, "no title", func() { New(Invalid, "sample.no_title", "") })
	mustPanic(t, "no kind", func() { New(0, "sample.no_kind", "句子") })
	mustPanic(t, "a kind off the list", func() { New(Unavailable+1, "sample.no_kind", "句子") })
	mustPanic(t, "a repeated code", func() { New(Conflict, NotFound.Code, "换一句话") })
	if after := len(All()); after != before {
		t.Errorf("%d refused declarations were kept", after-before)
	}
}

var errSample = New(Conflict, "sample.once_2", "只能办一次")

func TestAllIsSortedAndComplete(t *testing.T) {
	var codes []string
	for _, f := range All() {
		codes = append(codes, f.Code)
	}
	if !slices.IsSorted(codes) {
		t.Errorf("not in order: %v", codes)
	}
	for _, f := range []*Fault{NotFound, NotYours, BadField, Internal, Busy, NeedLogin, errSample} {
		if !slices.Contains(codes, f.Code) {
			t.Errorf("%s is missing", f.Code)
		}
	}
	All()[0] = nil
	if All()[0] == nil {
		t.Error("a reader changed the list")
	}
}

func TestOccurrencesKeepTheirDeclaration(t *testing.T) {
	cause := context.DeadlineExceeded
	for _, v := range []struct {
		name string
		got  *Error
		want *Error
		text string
	}{
		{"because", errSample.Because(cause), &Error{Fault: errSample, Cause: cause}, "sample.once_2: context deadline exceeded"},
		{"with", errSample.With("还剩%d次", 2), &Error{Fault: errSample, Detail: "还剩2次"}, "sample.once_2"},
		{"at", errSample.At(Field{"body.text", "请写明"}), &Error{Fault: errSample, Fields: []Field{{"body.text", "请写明"}}}, "sample.once_2"},
		{"after", errSample.After(time.Minute), &Error{Fault: errSample, Wait: time.Minute}, "sample.once_2"},
		{"standing", errSample.Standing(Current{Status: "dispatched", Version: 3}),
			&Error{Fault: errSample, Current: &Current{Status: "dispatched", Version: 3}}, "sample.once_2"},
		{"wrong", Wrong("body.text", "请写明"), &Error{Fault: BadField, Fields: []Field{{"body.text", "请写明"}}}, "request.invalid"},
	} {
		same := cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })
		if diff := cmp.Diff(*v.want, *v.got, same); diff != "" {
			t.Errorf("%s: %s", v.name, diff)
		}
		if v.got.Error() != v.text {
			t.Errorf("%s: written %q, want %q", v.name, v.got.Error(), v.text)
		}
		wrapped := fmt.Errorf("dispatch: %w", v.got)
		if !errors.Is(wrapped, v.want.Fault) || errors.Is(wrapped, NotFound) {
			t.Errorf("%s: errors.Is is mistaken", v.name)
		}
		if v.want.Cause != nil && !errors.Is(wrapped, v.want.Cause) {
			t.Errorf("%s: the cause is lost", v.name)
		}
	}
}

func TestOf(t *testing.T) {
	foreign := errors.New("Duplicate entry '210421' for key")
	occurrence := errSample.With("请稍后")
	for _, v := range []struct {
		name  string
		err   error
		fault *Fault
		cause error
	}{
		{"a declaration", errSample, errSample, nil},
		{"a wrapped declaration", fmt.Errorf("dispatch: %w", errSample), errSample, errSample},
		{"an occurrence", occurrence, errSample, nil},
		{"a foreign error", foreign, Internal, foreign},
		{"a wrapped foreign error", fmt.Errorf("store: %w", foreign), Internal, foreign},
		{"joined with a foreign error", errors.Join(foreign, occurrence), errSample, nil},
		{"an internal one because of another fault", Internal.Because(NotFound), Internal, NotFound},
	} {
		got := Of(v.err)
		if got.Fault != v.fault {
			t.Errorf("%s: %s, want %s", v.name, got.Code, v.fault.Code)
		}
		if v.cause == nil && got.Cause != nil || v.cause != nil && !errors.Is(got.Cause, v.cause) {
			t.Errorf("%s: cause %v, want %v", v.name, got.Cause, v.cause)
		}
		// What people read never holds a foreign error's text.
		if strings.Contains(got.Title+got.Detail, "210421") {
			t.Errorf("%s: the foreign text leaks", v.name)
		}
	}
	if got := Of(fmt.Errorf("dispatch: %w", occurrence)); got != occurrence {
		t.Error("a wrapped occurrence lost what it said")
	}
}
